// kill -9 and power loss at random moments, while a tree arrives.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string_view>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"
#include "tests/e2e/shooting.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

constexpr std::array<std::string_view, 2> kSlowServer{"download", "unpack"};

std::array<Aim, 5> first_aims() {
    return {{
        {"verify", 5'000},
        {"download", 20'000},
        {"unpack", 60'000},
        {"sync", 10'000},
        {"commit", 30'000},
    }};
}

// Everything that the kills have in common: a publisher, an old image that is replaced, a disk.
class Battlefield {
public:
    Battlefield() : fs("ext4", 256 * MiB), scene(fs) {
        make_plain_tree(old_tree.path(), 3000);
        make_plain_tree(new_tree.path(), 4000);
        write_file(old_tree / "which", "old");
        write_file(new_tree / "which", "new");
        old_archive = pack(old_tree.path(), ".gz");
        publisher.publish("new.tar.gz", pack(new_tree.path(), ".gz"));
        write_file(files / "old.tar.gz", old_archive);
        old_entries = read_tree(old_tree.path());
        new_entries = read_tree(new_tree.path());
        store_old();
    }

    void store_old() {
        Request request = scene.import(files / "old.tar.gz");
        request.force = true;
        const FinishedJob job = run_job(request, Face::Transfer);
        INFO(job.text());
        REQUIRE(job.status == 0);
        REQUIRE(scene.leftovers({"image"}) == Lines{});
    }

    Request request() const {
        Request made = scene.pull(publisher.url("new.tar.gz"));
        made.verify = "signature";
        made.keyrings = {publisher.keyring()};
        made.force = true;
        return made;
    }

    /// "old" or "new", whole; anything else is what is wrong.
    std::string what_is_there() const {
        if (!std::filesystem::exists(scene.image())) {
            return "none";
        }
        Tree found = read_tree(scene.image());
        found["."].attributes.erase("user.slipway.origin");
        if (tree_differences(new_entries, found).empty()) {
            return "new";
        }
        const Lines from_old = tree_differences(old_entries, found);
        return from_old.empty() ? "old" : "neither: " + from_old.front();
    }

    LoopFs fs;
    Scene scene;
    Publisher publisher;
    TempDir old_tree;
    TempDir new_tree;
    TempDir files;
    std::string old_archive;
    Tree old_entries;
    Tree new_entries;
};

} // namespace

TEST_CASE("K1: kill -9 of each process at random moments leaves the old image or the new one, and "
          "the next transfer sweeps",
          "[e2e][crash]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const unsigned kills = planned_kills();
    Dice dice;
    Battlefield field;
    Counts stages;
    Counts victims;
    Counts shots_at;
    std::array<Aim, 5> aims = first_aims();
    Counts left;
    unsigned hits = 0;
    for (unsigned shot = 0; hits < kills && shot < 4 * kills; ++shot) {
        Aim& aim = pick_aim(aims, stages);
        const bool slow = std::ranges::count(kSlowServer, aim.stage) > 0;
        field.publisher.server.always("/images/new.tar.gz",
                                      slow ? trickling(1000, 1ms) : as_usual());
        RunningJob job(field.request());
        const Victim victim = lie_in_wait(job, aim, dice, shots_at);
        const bool shot_it = victim.pid != 0 && ::kill(victim.pid, SIGKILL) == 0;
        const FinishedJob end = job.finish();
        CAPTURE(shot, aim.stage, victim.name, end.text(), end.err);
        CHECK(wait_for_orphans() == Lines{});

        const std::string there = field.what_is_there();
        CHECK((there == "new" || (there == "old" && end.status != 0)));
        if (shot_it && was_hit(end)) {
            ++hits;
            ++stages[stage_of_hit(end)];
            ++victims[victim.name];
        } else {
            aim.spread_us /= 2;
        }
        ++left[there];
        field.store_old(); // it sweeps
    }
    print("kills in", stages);
    print("kills of", victims);
    print("left", left);
    for (const char* stage : {"download", "unpack", "sync", "commit"}) {
        CHECK(stages[stage] >= kills / 10);
    }
}

TEST_CASE("P11: after a power loss the image is complete if the job had said so, else absent",
          "[e2e][crash]") {
    const std::string type = GENERATE("ext4", "xfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    const unsigned losses = planned_kills() / 3;
    const std::array<Aim, 5> aims = first_aims();
    Dice dice;
    Publisher publisher;
    const TempDir tree;
    make_plain_tree(tree.path(), 2000);
    publisher.publish("new.tar.gz", pack(tree.path(), ".gz"));
    LoopFs fs(type, 512 * MiB);
    const Scene scene(fs);
    Counts left;
    for (unsigned loss = 0; loss < losses; ++loss) {
        const Aim& aim = aims.at(loss % aims.size());
        RunningJob job(scene.pull(publisher.url("new.tar.gz")), Face::Transfer);
        bring_to(job, aim);
        dice.pause(2 * aim.spread_us);
        fs.cut_power();
        const FinishedJob end = job.finish();
        CAPTURE(loss, aim.stage, end.text());
        fs.restart();

        const bool there = std::filesystem::exists(scene.image());
        CHECK((there || end.status != 0));
        if (there) {
            CHECK(differences(tree.path(), scene.image()) == Lines{});
            CHECK(run_job(scene.remove("image"), Face::Transfer).status == 0);
        }
        ++left[there ? "complete" : "absent"];
        CHECK(run_job(scene.pull(publisher.url("new.tar.gz")), Face::Transfer).status == 0);
        CHECK(run_job(scene.remove("image"), Face::Transfer).status == 0);
        CHECK(scene.leftovers() == Lines{});
    }
    print("power losses on " + type + " left", left);
}
