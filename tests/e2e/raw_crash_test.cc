// kill -9 and power loss at random moments, while a disk arrives with what belongs to it.

#include <array>
#include <chrono>
#include <csignal>

#include "base/bytes.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"
#include "tests/e2e/shooting.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

std::array<Aim, 6> first_aims() {
    return {{
        {"verify", 5'000},
        {"siblings", 20'000},
        {"download", 20'000},
        {"unpack", 60'000},
        {"sync", 5'000},
        {"commit", 2'000},
    }};
}

const std::set<std::string> kEntries{"image.raw", "image.nspawn", "image.roothash", "image.verity"};

// One version of a disk and its siblings, each of which says which version it is of.
struct Version {
    explicit Version(std::string the_word, std::uint64_t size_bytes) : word(std::move(the_word)) {
        make_sparse_disk(disk, size_bytes, 8 * MiB);
        image = compress(read_file(disk), ".zst");
    }
    void publish(Publisher& publisher) const {
        publisher.publish("disk.raw.zst", image);
        for (const std::string suffix : {".nspawn", ".roothash", ".verity"}) {
            publisher.publish("disk" + suffix, word + suffix);
        }
    }
    std::string word;
    TempDir place;
    std::filesystem::path disk = place / "disk.raw";
    std::string image;
};

class Battlefield {
public:
    Battlefield() : fs("ext4", 128 * MiB), scene(fs) { store_old(); }

    Request request(const Version& version) {
        version.publish(publisher);
        Request made = scene.pull_disk(publisher.url("disk.raw.zst"));
        made.verify = "signature";
        made.keyrings = {publisher.keyring()};
        made.force = true;
        return made;
    }

    void store_old() {
        const FinishedJob job = run_job(request(old_one), Face::Transfer);
        INFO(job.text());
        REQUIRE(job.status == 0);
        REQUIRE(scene.leftovers(kEntries) == Lines{});
    }

    /// "old" or "new", the disk whole; else what is wrong.
    std::string what_is_there() const {
        for (const Version* version : {&old_one, &new_one}) {
            if (byte_difference(version->disk, scene.disk()).empty()) {
                return version->word;
            }
        }
        return "neither";
    }

    /// What of the siblings is of another version than the disk.
    Lines mixture(const std::string& word) const {
        Lines wrong;
        for (const std::string suffix : {".nspawn", ".roothash", ".verity"}) {
            const std::string found = read_file(scene.pool / ("image" + suffix));
            if (found != word + suffix) {
                wrong.push_back(suffix + " is '" + found + "'");
            }
        }
        return wrong;
    }

    LoopFs fs;
    Scene scene;
    Publisher publisher;
    Version old_one{"old", 20 * MiB};
    Version new_one{"new", 24 * MiB};
};

} // namespace

TEST_CASE("K1: kill -9 of each process at random moments leaves the old disk or the new one, and "
          "a sweep makes what belongs to it the same version",
          "[e2e][raw][crash]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const unsigned kills = planned_kills();
    Dice dice;
    Battlefield field;
    Counts stages;
    Counts victims;
    Counts shots_at;
    std::array<Aim, 6> aims = first_aims();
    Counts left;
    unsigned hits = 0;
    for (unsigned shot = 0; hits < kills && shot < 4 * kills; ++shot) {
        Aim& aim = pick_aim(aims, stages);
        const Request request = field.request(field.new_one);
        const bool slow = aim.stage == "download" || aim.stage == "unpack";
        field.publisher.server.always("/images/disk.raw.zst",
                                      slow ? trickling(50'000, 1ms) : as_usual());
        RunningJob job(request);
        const Victim victim = lie_in_wait(job, aim, dice, shots_at);
        const bool shot_it = victim.pid != 0 && ::kill(victim.pid, SIGKILL) == 0;
        const FinishedJob end = job.finish();
        CAPTURE(shot, aim.stage, victim.name, end.text(), end.err);
        CHECK(wait_for_orphans() == Lines{});

        const std::string there = field.what_is_there();
        CHECK((there == "new" || (there == "old" && end.status != 0)));
        CHECK(storage::sweep(field.scene.pool.open()).problems == Lines{});
        CHECK(field.what_is_there() == there);
        CHECK(field.mixture(there) == Lines{});
        CHECK(field.scene.leftovers(kEntries) == Lines{});
        if (shot_it && was_hit(end)) {
            ++hits;
            ++stages[stage_of_hit(end)];
            ++victims[victim.name];
        } else {
            aim.spread_us /= 2;
        }
        ++left[there];
        if (there == "new") {
            field.store_old();
        }
    }
    print("kills in", stages);
    print("kills of", victims);
    print("left", left);
    CHECK(hits >= kills / 2); // a disk's commit is over before most shots
}

TEST_CASE("P11: after a power loss a disk is complete with all that belongs to it if the job had "
          "said so, else absent or old",
          "[e2e][raw][crash]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const unsigned losses = planned_kills() / 3;
    const std::array<Aim, 6> aims = first_aims();
    Dice dice;
    Battlefield field;
    Counts left;
    for (unsigned loss = 0; loss < losses; ++loss) {
        const Aim& aim = aims.at(loss % aims.size());
        RunningJob job(field.request(field.new_one), Face::Transfer);
        bring_to(job, aim);
        dice.pause(2 * aim.spread_us);
        field.fs.cut_power();
        const FinishedJob end = job.finish();
        CAPTURE(loss, aim.stage, end.text());
        field.fs.restart();

        const std::string there = field.what_is_there();
        CHECK((there == "new" || (there == "old" && end.status != 0)));
        CHECK(storage::sweep(field.scene.pool.open()).problems == Lines{});
        CHECK(field.mixture(there) == Lines{});
        ++left[there];
        // The lock files of the name may have outlived the job's own, by which a sweep finds them;
        // the next job of that name takes them along.
        field.store_old();
    }
    print("power losses left", left);
}
