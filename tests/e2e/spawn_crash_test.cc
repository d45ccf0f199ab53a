// kill -9 at random moments of a machine's start, and what the next verb finds.

#include <algorithm>
#include <csignal>
#include <future>
#include <iostream>

#include <poll.h>
#include <unistd.h>

#include "base/error.hh"
#include "spawn/process_id.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/shooting.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr unsigned kStartUs = 500'000; // about what a start takes

void end(const spawn::ProcessId& process) {
    spawn::signal_process(process, SIGKILL);
    while (spawn::is_alive(process)) {
        ::poll(nullptr, 0, 1);
    }
}

// "supervisor", "engine" or "leader", or nothing of it when it is not there (yet, or any more).
std::optional<spawn::ProcessId> find_victim(const std::string& who) {
    const std::optional<pid_t> supervisor = find_child_of(::getpid(), "slipway-supervi");
    if (who == "supervisor" || !supervisor) {
        return supervisor ? spawn::find_process(*supervisor) : std::nullopt;
    }
    const std::optional<pid_t> engine = find_child_of(*supervisor, "systemd-nspawn");
    if (who == "engine" || !engine) {
        return engine ? spawn::find_process(*engine) : std::nullopt;
    }
    const std::optional<pid_t> leader = find_child_of(*engine, "init");
    return leader ? spawn::find_process(*leader) : std::nullopt;
}

} // namespace

TEST_CASE("whoever of a machine is killed while it starts, the next verb leaves nothing of it",
          "[e2e][spawn][crash]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    Dice dice;
    Counts hits;
    for (unsigned shot = 0; shot < planned_kills(); ++shot) {
        const std::string who = shot % 2 == 0 ? "supervisor" : shot % 4 == 1 ? "engine" : "leader";
        BusyboxMachine machine("--network-veth");
        machine.plan.sets_addresses = true;
        std::future<void> start = std::async(std::launch::async, [&] { machine.boot(); });
        dice.pause(kStartUs);
        const std::optional<spawn::ProcessId> supervisor = find_victim("supervisor");
        const std::optional<spawn::ProcessId> victim = find_victim(who);
        if (victim) {
            end(*victim);
            ++hits[who];
        }
        try {
            start.get();
        } catch (const Error&) {
            // That is what was to be expected.
        }
        if (!victim) { // it was too early, or too late
            machine.slipway({"terminate", machine.name()});
        } else if (supervisor) { // which cleans up by itself, unless it is the one
            REQUIRE(wait_for_end(supervisor->pid, BusyboxMachine::kPatience));
        }
        CAPTURE(shot, who);
        const RunResult listed = machine.slipway({"list"});
        INFO(listed.err);
        CHECK(listed.status == 0);
        CHECK(machine.traces() == std::vector<std::string>{});
    }
    print("hits", hits);
    CHECK(hits["supervisor"] >= 1);
}

TEST_CASE("ten machines of clones of one image run side by side", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const TempPool pool;
    make_busybox_tree(pool / "golden");
    const auto slipway = [&](std::vector<std::string> words) {
        words.insert(words.begin(), program("slipway").string());
        return run(words, {.patience = std::chrono::seconds(200)});
    };
    const auto name = [](int number) {
        return "clone" + std::to_string(::getpid()) + "-" + std::to_string(number);
    };
    const auto at_once = [&](const auto& verb) {
        std::vector<std::future<RunResult>> all;
        for (int i = 0; i < 10; ++i) {
            all.push_back(
                std::async(std::launch::async, [&, i] { return slipway(verb(name(i))); }));
        }
        for (std::future<RunResult>& one : all) {
            const RunResult result = one.get();
            INFO(result.err);
            CHECK(result.status == 0);
        }
    };
    using Words = std::vector<std::string>;
    const std::string in = pool.path().string();
    at_once([&](const std::string& clone) {
        return Words{"clone", "-q", "--pool", in, "golden", clone};
    });
    at_once([&](const std::string& clone) {
        return Words{"start", "-q", "--engine=nspawn-direct", "--pool", in, clone};
    });
    at_once([&](const std::string& clone) {
        return Words{"shell", "-q", clone, "sh", "-c", "test $(hostname) = " + clone};
    });
    const std::string listed = slipway({"list", "--json=short"}).out;
    std::set<std::string> addresses;
    for (std::size_t at = 0; (at = listed.find("\"10.201.", at)) != listed.npos; ++at) {
        addresses.insert(listed.substr(at, listed.find('"', at + 1) - at));
    }
    CHECK(addresses.size() == 10);
    at_once([&](const std::string& clone) { return Words{"poweroff", clone}; });
    CHECK_THAT(slipway({"list"}).out, !contains("clone" + std::to_string(::getpid())));
}
