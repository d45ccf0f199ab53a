// Control groups in whatever hierarchies this host has.

#include <csignal>
#include <fstream>

#include <unistd.h>

#include "base/child_process.hh"
#include "spawn/cgroup.hh"
#include "tests/catch.hh"
#include "tests/spawn/own_cgroups.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

ChildProcess start_in(const std::filesystem::path& group, std::vector<std::string> command) {
    const Fd procs = open_cgroup(group);
    ChildSpec spec;
    spec.program = command.front();
    spec.arguments.assign(command.begin() + 1, command.end());
    spec.cgroups = {procs.get()};
    return ChildProcess(spec);
}

} // namespace

TEST_CASE("a child is in its control groups from its start, and nobody else is", "[spawn]") {
    if (auto why = no_cgroups()) {
        SKIP(*why);
    }
    for (const auto& group : own_cgroups("spawn-test-enter")) {
        INFO(group);
        make_cgroup(group);
        make_cgroup(group);
        ChildProcess child = start_in(group, {"/bin/sleep", "600"});
        CHECK(processes_of(group) == std::vector<pid_t>{child.pid()});
        child.kill(SIGKILL);
        child.wait();
        CHECK(wait_until_empty(group, std::chrono::steady_clock::now() + std::chrono::seconds(10)));
        remove_cgroup(group);
        CHECK_FALSE(std::filesystem::exists(group));
    }
}

TEST_CASE("a control group goes with all that runs in it and below it", "[spawn]") {
    if (auto why = no_cgroups()) {
        SKIP(*why);
    }
    for (const auto& group : own_cgroups("spawn-test-remove")) {
        INFO(group);
        make_cgroup(group / "payload/deep");
        ChildProcess outer = start_in(group, {"/bin/sleep", "600"});
        ChildProcess inner =
            start_in(group / "payload/deep", {"/bin/sh", "-c", "sleep 600 & wait"});
        CHECK_FALSE(wait_until_empty(group, std::chrono::steady_clock::now()));
        clear_cgroup(group);
        CHECK(std::filesystem::exists(group));
        CHECK_FALSE(std::filesystem::exists(group / "payload"));
        CHECK(outer.wait().code == SIGKILL);
        CHECK(inner.wait().code == SIGKILL);
        remove_cgroup(group);
        CHECK_FALSE(std::filesystem::exists(group));
        remove_cgroup(group); // what is not there is fine
    }
}
