// At random moments of what changes an image that is there the keeper is killed, or the disk is
// full. The seed is printed; SLIPWAY_SEED repeats a run, SLIPWAY_ROUNDS=200 makes it the full one.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/shooting.hh"
#include "tests/support/loop_fs.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

unsigned planned_rounds() {
    const char* text = std::getenv("SLIPWAY_ROUNDS");
    return text == nullptr ? 20 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// What an entry of the pool holds.
enum class Golden { OldTree, NewTree, Disk, Settings, Hash };
using State = std::map<std::string, Golden>;

struct Operation {
    std::string name;
    State old_state;
    State new_state;
    std::function<Request(const Scene&, const fs::path& new_tree)> request;
    std::chrono::microseconds length{}; ///< from its first stage to its end, measured
};

std::vector<Operation> operations(const std::string& kind) {
    const State web = {{"web", Golden::OldTree}, {"web.nspawn", Golden::Settings}};
    const State disk = {{"disk.raw", Golden::Disk}, {"disk.roothash", Golden::Hash}};
    const auto with = [](State state, const State& more) {
        state.insert(more.begin(), more.end());
        return state;
    };
    const auto cloning = [](const char* source) {
        return [source](const Scene& scene, const fs::path&) { return scene.clone(source, "new"); };
    };
    const State plain = {{"plain", Golden::OldTree}, {"plain.nspawn", Golden::Settings}};
    const State clone = {{"new", Golden::OldTree}, {"new.nspawn", Golden::Settings}};
    std::vector<Operation> all = {
        {"clone-copy", plain, with(plain, clone), cloning("plain"), {}},
        {"clone-raw",
         disk,
         with(disk, {{"new.raw", Golden::Disk}, {"new.roothash", Golden::Hash}}),
         cloning("disk"),
         {}},
        {"rename",
         web,
         clone,
         [](const Scene& scene, const fs::path&) { return scene.rename("web", "new"); },
         {}},
        {"force-replace",
         web,
         with({{"web", Golden::NewTree}}, {{"web.nspawn", Golden::Settings}}),
         [](const Scene& scene, const fs::path& new_tree) {
             Request request = scene.import_fs(new_tree, "web");
             request.force = true;
             return request;
         },
         {}},
        {"remove",
         web,
         {},
         [](const Scene& scene, const fs::path&) { return scene.remove("web"); },
         {}},
    };
    if (kind == "btrfs") {
        all.push_back({"clone-snapshot", web, with(web, clone), cloning("web"), {}});
    }
    return all;
}

class Battlefield {
public:
    explicit Battlefield(const std::string& kind) : fs_(kind, 768 * MiB), scene(fs_) {
        fs::create_directory(old_tree());
        fs::create_directory(new_tree());
        make_plain_tree(old_tree(), 1200);
        make_plain_tree(new_tree(), 900);
        make_sparse_disk(golden_ / "disk", 96 * MiB, 48 * MiB);
        old_entries_ = read_tree(old_tree());
        new_entries_ = read_tree(new_tree());
    }

    fs::path new_tree() const { return golden_ / "new"; }
    fs::path directory() const { return fs_.path(); }

    /// Exactly these entries, freshly made where they are not as they should be.
    void bring(const State& state) {
        for (const std::string& name : scene.pool.entries()) {
            if (!state.contains(name)) {
                fs::remove_all(scene.pool / name);
            }
        }
        for (const auto& [name, what] : state) {
            if (what_is(name, what) != "") {
                fs::remove_all(scene.pool / name);
                make(name, what);
                REQUIRE(what_is(name, what) == "");
            }
        }
        REQUIRE(wrong(state, Hidden::Count) == Lines{});
    }

    enum class Hidden { Count, Ignore };
    enum class Which { All, Images };

    /// How the pool differs from a state.
    Lines wrong(const State& state, Hidden hidden, Which which = Which::All) const {
        Lines lines;
        std::set<std::string> names;
        for (const std::string& name : scene.pool.entries()) {
            const bool counts = hidden == Hidden::Count || !name.starts_with(".#");
            if (counts && !state.contains(name) && (which == Which::All || is_image(name))) {
                lines.push_back(name + " is there");
            }
        }
        for (const auto& [name, what] : state) {
            const std::string why =
                which == Which::All || is_image(name) ? what_is(name, what) : "";
            if (why != "") {
                lines.push_back(name + ": " + why);
            }
        }
        return lines;
    }

private:
    static bool is_image(const std::string& name) {
        return !name.ends_with(".nspawn") && !name.ends_with(".roothash");
    }
    fs::path old_tree() const { return golden_ / "old"; }

    /// Empty: it is.
    std::string what_is(const std::string& name, Golden what) const {
        const fs::path path = scene.pool / name;
        if (!fs::exists(path)) {
            return "is not there";
        }
        switch (what) {
        case Golden::OldTree:
            return difference(old_entries_, path);
        case Golden::NewTree:
            return difference(new_entries_, path);
        case Golden::Disk:
            return byte_difference(golden_ / "disk", path);
        case Golden::Settings:
            return read_file(path) == "[Exec]" ? "" : "holds something else";
        case Golden::Hash:
            return read_file(path) == "hash" ? "" : "holds something else";
        }
        return "";
    }

    static std::string difference(const Tree& expected, const fs::path& path) {
        Tree found = read_tree(path);
        found["."].attributes.erase("user.slipway.origin");
        const Lines lines = tree_differences(expected, found);
        return lines.empty() ? "" : lines.front();
    }

    // 'plain' is a directory on btrfs, too: its clone is a copy.
    void make(const std::string& name, Golden what) const {
        const fs::path path = scene.pool / name;
        switch (what) {
        case Golden::OldTree:
        case Golden::NewTree:
            if (fs_.type() == "btrfs" && name != "plain") {
                const Fd pool(::open(scene.pool.path().c_str(), O_RDONLY | O_CLOEXEC));
                volume::make_subvolume(pool.get(), name);
            } else {
                fs::create_directory(path);
            }
            run_ok({"cp", "-a", (what == Golden::OldTree ? old_tree() : new_tree()).string() + "/.",
                    path.string()});
            break;
        case Golden::Disk:
            run_ok({"cp", "--sparse=always", (golden_ / "disk").string(), path.string()});
            break;
        case Golden::Settings:
            write_file(path, "[Exec]");
            break;
        case Golden::Hash:
            write_file(path, "hash");
            break;
        }
    }

    TempDir golden_;
    LoopFs fs_;
    Tree old_entries_;
    Tree new_entries_;

public:
    Scene scene; // its pool lies in fs_
};

bool is_stage(const transfer::Event& event) {
    return std::holds_alternative<transfer::StageEntered>(event);
}

/// How long an operation takes that nobody disturbs, and that it does what it should.
void measure(Battlefield& field, Operation& operation) {
    field.bring(operation.old_state);
    RunningJob job(operation.request(field.scene, field.new_tree()), Face::Transfer);
    job.wait_for(is_stage);
    const Clock::time_point start = Clock::now();
    const FinishedJob end = job.finish();
    operation.length = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
    INFO(operation.name << ": " << end.text());
    REQUIRE(end.status == 0);
    REQUIRE(field.wrong(operation.new_state, Battlefield::Hidden::Count) == Lines{});
}

/// All room of a file system that its files have not, while it lives.
class Ballast {
public:
    explicit Ballast(const fs::path& directory)
        : file_(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)) {
        REQUIRE(file_);
        off_t end = 0;
        for (off_t step = 256 * MiB; step >= 4096;) {
            if (::fallocate(file_.get(), 0, end, step) == 0) {
                end += step;
            } else {
                step /= 2;
            }
        }
    }

private:
    Fd file_;
};

/// What befalls a job at its moment; how it ended.
using Blow = std::function<FinishedJob(RunningJob&, const Battlefield&)>;

FinishedJob kill_it(RunningJob& job, const Battlefield& /*field*/) {
    job.kill(SIGKILL);
    return job.finish();
}

FinishedJob fill_the_disk(RunningJob& job, const Battlefield& field) {
    job.kill(SIGSTOP);
    const Ballast ballast(field.directory());
    job.kill(SIGCONT);
    return job.finish();
}

/// Whether the blow is what ended it.
bool is_struck(const FinishedJob& end) {
    return !end.ended || end.ended->outcome != transfer::Outcome::Done;
}

/// How often an operation was struck, in all and after which stage, and what was there afterwards.
struct Tally {
    Counts hits;
    Counts phases;
    Counts left;
};

/// The old state or the new one, and after a cleaning nothing else.
void check_state(const Battlefield& field, const Operation& operation, const FinishedJob& end,
                 Tally& tally) {
    using Hidden = Battlefield::Hidden;
    // The image itself is one or the other at once; what lies beside it an instant later, which the
    // next job sees to.
    const bool is_old =
        field.wrong(operation.old_state, Hidden::Ignore, Battlefield::Which::Images).empty();
    const Lines not_new =
        field.wrong(operation.new_state, Hidden::Ignore, Battlefield::Which::Images);
    CHECK((is_old || not_new == Lines{}));
    Request clean = field.scene.remove("");
    clean.verb = transfer::Verb::Clean;
    CHECK(run_job(clean, Face::Transfer).status == 0);
    CHECK(field.wrong(is_old ? operation.old_state : operation.new_state, Hidden::Count) ==
          Lines{});
    ++tally.hits[operation.name];
    ++tally.phases[operation.name + "/" + end.last_stage()];
    ++tally.left[operation.name + (is_old ? " old" : " new")];
}

/// Strikes one operation after the other, until there were enough hits or too many misses.
/// @returns how often each was hit
Counts strike(const std::string& kind, const Blow& blow) {
    Battlefield field(kind);
    std::vector<Operation> all = operations(kind);
    for (Operation& operation : all) {
        measure(field, operation);
    }
    const unsigned rounds = planned_rounds();
    Dice dice;
    Tally tally;
    unsigned hit = 0;
    unsigned shots = 0;
    Counts tries;
    for (; hit < rounds && shots < 4 * rounds; ++shots) {
        // What is hard to hit gets more shots.
        const auto turns = [&](const Operation& one) {
            return tries[one.name] + tally.hits[one.name];
        };
        Operation& operation = *std::min_element(all.begin(), all.end(),
                                                 [&](const Operation& one, const Operation& other) {
                                                     return turns(one) < turns(other);
                                                 });
        ++tries[operation.name];
        field.bring(operation.old_state);
        RunningJob job(operation.request(field.scene, field.new_tree()), Face::Transfer);
        job.wait_for(is_stage);
        dice.pause(static_cast<unsigned>(operation.length.count()));
        const FinishedJob end = blow(job, field);
        CAPTURE(shots, operation.name, end.last_stage(), end.text());
        if (is_struck(end)) {
            check_state(field, operation, end, tally);
            ++hit;
        } else { // it had come to its end: look somewhat earlier
            operation.length = operation.length * 9 / 10;
            CHECK(field.wrong(operation.new_state, Battlefield::Hidden::Ignore) == Lines{});
            field.bring({});
        }
    }
    std::cout << kind << ": " << hit << " of " << shots << " shots hit" << std::endl;
    print("hits in", tally.phases);
    print("left", tally.left);
    return tally.hits;
}

} // namespace

TEST_CASE("K1: kill -9 of the keeper at random moments of clone, rename, replacement and removal "
          "leaves the old state or the new one, and clean takes the rest away",
          "[e2e][crash]") {
    const std::string kind = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(kind)) {
        SKIP(*why);
    }
    Counts hits = strike(kind, kill_it);
    for (const Operation& operation : operations(kind)) {
        CHECK(hits[operation.name] >= 1);
    }
}

TEST_CASE(
    "P1: a disk that is full from a random moment of clone, rename, replacement or removal on "
    "leaves the old state or the new one, and nothing else",
    "[e2e][crash][space]") {
    const std::string kind = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(kind)) {
        SKIP(*why);
    }
    Counts hits = strike(kind, fill_the_disk);
    // What only renames may need no room at all.
    for (const char* name : {"clone-copy", "force-replace"}) {
        CHECK(hits[name] >= 1);
    }
}
