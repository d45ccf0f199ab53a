// Processes that are written down somewhere.

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "spawn/process_id.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("a process is known by its number and its start", "[spawn]") {
    ChildProcess child(
        ChildSpec{.program = "/bin/sleep", .arguments = {"600"}, .fds = {}, .environment = {}});
    const ProcessId process = find_process(child.pid()).value();
    CHECK(is_alive(process));
    CHECK(open_process(process));
    ProcessId another = process;
    ++another.start_time; // the same number, later
    CHECK_FALSE(is_alive(another));
    CHECK_FALSE(open_process(another));
    CHECK_FALSE(signal_process(another, SIGKILL));
    CHECK(is_alive(process));
    CHECK(signal_process(process, SIGKILL));
    child.wait_for(std::chrono::seconds(10));
    CHECK_FALSE(is_alive(process));
    CHECK_FALSE(signal_process(process, SIGKILL));
    CHECK_FALSE(is_alive({}));
}

TEST_CASE("a process that has ended and waits to be reaped is dead", "[spawn]") {
    ChildProcess child(
        ChildSpec{.program = "/bin/true", .arguments = {}, .fds = {}, .environment = {}});
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT) == 0);
    CHECK_FALSE(find_process(child.pid()));
}
