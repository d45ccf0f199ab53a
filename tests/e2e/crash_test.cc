// kill -9 and power loss at random moments. The seed is printed; SLIPWAY_SEED repeats a run,
// SLIPWAY_KILLS=100 makes it the full one.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include <sys/wait.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

unsigned number_from(const char* variable, unsigned fallback) {
    const char* text = std::getenv(variable);
    return text == nullptr ? fallback : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Random moments and victims that a printed number brings back.
class Dice {
public:
    Dice() : seed_(number_from("SLIPWAY_SEED", std::random_device{}())), random_(seed_) {
        std::cout << "SLIPWAY_SEED=" << seed_ << std::endl;
    }
    unsigned below(unsigned end) {
        return std::uniform_int_distribution<unsigned>(0, std::max(end, 1U) - 1)(random_);
    }
    void pause(unsigned most_us) {
        std::this_thread::sleep_for(std::chrono::microseconds(below(most_us)));
    }

private:
    unsigned seed_;
    std::mt19937 random_;
};

// Where a kill is aimed: how the job is brought there, and for how long it stays about there. Each
// miss halves that time: how fast a job is depends on the machine.
struct Aim {
    std::string stage;
    unsigned spread_us;
};

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

const std::array<std::string, 5> kVictims{"slipway-fetch", "slipway-unpack", "slipway-check",
                                          "slipway-transfer", "slipway"};

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

void bring_to(RunningJob& job, const Aim& aim) {
    if (aim.stage == "unpack") {
        job.wait_for_entries(1);
    } else {
        job.wait_for_stage(aim.stage);
    }
    if (aim.stage == "verify") { // slipway-check lives for moments only
        const auto deadline = std::chrono::steady_clock::now() + 2s;
        while (!job.find_child("slipway-check") && std::chrono::steady_clock::now() < deadline) {
        }
    }
}

std::optional<pid_t> find_process(const RunningJob& job, const std::string& name) {
    if (name == "slipway") {
        return job.pid();
    }
    return name == "slipway-transfer" ? job.find_keeper() : job.find_child(name);
}

struct Victim {
    std::string name;
    pid_t pid = 0;
};

// Of those that run now the one that was shot at least so far.
Victim pick_victim(const RunningJob& job, std::map<std::string, unsigned>& shots) {
    Victim picked;
    for (const std::string& name : kVictims) {
        const std::optional<pid_t> pid = find_process(job, name);
        if (pid && (picked.pid == 0 || shots[name] < shots[picked.name])) {
            picked = {name, *pid};
        }
    }
    return picked;
}

void print(const std::string& what, const std::map<std::string, unsigned>& counts) {
    std::cout << what;
    for (const auto& [name, count] : counts) {
        std::cout << ' ' << name << ' ' << count;
    }
    std::cout << std::endl;
}

// The stage that a job was in when it was shot, from what it had said by then.
std::string stage_of_hit(const FinishedJob& job) {
    const auto progress = job.all<transfer::Progress>();
    const std::string stage = job.last_stage();
    if (stage == "download" && !progress.empty() && progress.back().entries > 0) {
        return "unpack";
    }
    return stage;
}

} // namespace

TEST_CASE("K1: kill -9 of each process at random moments leaves the old image or the new one, and "
          "the next transfer sweeps",
          "[e2e][crash]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const unsigned kills = number_from("SLIPWAY_KILLS", 20);
    Dice dice;
    Battlefield field;
    std::map<std::string, unsigned> stages;
    std::map<std::string, unsigned> victims;
    std::map<std::string, unsigned> shots_at;
    std::array<Aim, 5> aims = first_aims();
    std::map<std::string, unsigned> left;
    unsigned hits = 0;
    for (unsigned shot = 0; hits < kills && shot < 4 * kills; ++shot) {
        Aim& aim = *std::min_element(aims.begin(), aims.end(),
                                     [&stages](const Aim& one, const Aim& other) {
                                         return stages[one.stage] < stages[other.stage];
                                     });
        const bool slow = std::ranges::count(kSlowServer, aim.stage) > 0;
        field.publisher.server.always("/images/new.tar.gz",
                                      slow ? trickling(1000, 1ms) : as_usual());
        RunningJob job(field.request());
        bring_to(job, aim);
        dice.pause(aim.spread_us);
        const Victim victim = pick_victim(job, shots_at);
        REQUIRE(victim.pid > 0);
        ++shots_at[victim.name];
        const bool shot_it = ::kill(victim.pid, SIGKILL) == 0;
        const FinishedJob end = job.finish();
        CAPTURE(shot, aim.stage, victim.name, end.text(), end.err);
        CHECK(wait_for_orphans() == Lines{});

        const std::string there = field.what_is_there();
        CHECK((there == "new" || (there == "old" && end.status != 0)));
        if (shot_it && (!end.ended || end.text().find("killed by signal 9") != std::string::npos)) {
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
    const unsigned losses = number_from("SLIPWAY_KILLS", 20) / 3;
    const std::array<Aim, 5> aims = first_aims();
    Dice dice;
    Publisher publisher;
    const TempDir tree;
    make_plain_tree(tree.path(), 2000);
    publisher.publish("new.tar.gz", pack(tree.path(), ".gz"));
    LoopFs fs(type, 512 * MiB);
    const Scene scene(fs);
    std::map<std::string, unsigned> left;
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
