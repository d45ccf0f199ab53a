// How each init is asked to end.

#include <csignal>

#include <unistd.h>

#include "base/error.hh"
#include "spawn/init_signals.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("each init is asked to end in its own words", "[spawn]") {
    struct Row {
        const char* program;
        const char* settings;
        InitSignals signals;
    };
    const std::vector<Row> rows{
        {"systemd", "", {SIGRTMIN + 4, SIGINT}},
        {"systemd", "SIGRTMIN+3", {SIGRTMIN + 3, SIGINT}},
        {"systemd-nspawn", "", {SIGRTMIN + 4, SIGINT}}, // its stub
        {"busybox", "", {SIGUSR2, SIGTERM}},
        {"busybox", "SIGUSR1", {SIGUSR1, SIGTERM}},
        {"init", "", {SIGPWR, SIGINT}},
    };
    for (const Row& row : rows) {
        INFO(row.program << " " << row.settings);
        CHECK(init_signals(row.program, row.settings) == row.signals);
    }
    CHECK_THROWS_AS(init_signals("systemd", "SIGNOTHING"), Error);
}

TEST_CASE("the program of a process is known, and of none nothing", "[spawn]") {
    CHECK(program_of(find_process(::getpid()).value()) == "spawn_test");
    CHECK(program_of({.pid = 0, .start_time = 0}).empty());
}
