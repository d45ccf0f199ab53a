// Machines under slipway-supervise, from their start to their end.

#include <csignal>
#include <optional>

#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/wait.hh"
#include "spawn/process_id.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/e2e/processes.hh"

using namespace slipway;
using namespace slipway::tests;
using spawn::RunState;

namespace {

using Lines = std::vector<std::string>;

void wait_for_process(const spawn::ProcessId& process) {
    const Fd pidfd = spawn::open_process(process);
    REQUIRE((!pidfd || wait_for(pidfd.get(), POLLIN, {},
                                std::chrono::steady_clock::now() + BusyboxMachine::kPatience)));
}

spawn::ProcessId engine_of(const BusyboxMachine& machine) {
    return spawn::find_process(
               find_child_of(machine.record().supervisor.pid, "systemd-nspawn").value())
        .value();
}

} // namespace

TEST_CASE("a machine boots, is known, and powers off without a trace", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    machine.wait_for_console("up and running");
    const spawn::MachineRecord record = machine.record();
    CHECK(record.state == RunState::Running);
    CHECK(record.is_ready);
    CHECK(spawn::is_alive(record.leader.value()));
    CHECK_THROWS_AS(machine.boot(), Error); // once is enough
    CHECK_THROWS_AS(storage::ImageLock(machine.pool.open(), "bb", storage::LockMode::Shared),
                    Error);

    const RunResult listed = machine.slipway({"list"});
    CHECK_THAT(listed.out, contains(machine.name()));
    CHECK_THAT(listed.out, contains("busybox"));
    const RunResult status = machine.slipway({"status", machine.name()});
    CHECK_THAT(status.out, contains("up and running"));
    CHECK_THAT(status.out, contains("(busybox)"));
    CHECK_THAT(status.out, contains("Memory: ") && contains("CPU: 0."));

    const RunResult stopped = machine.slipway({"poweroff", machine.name()});
    INFO(stopped.err);
    CHECK(stopped.status == 0);
    CHECK(machine.traces() == Lines{});
    CHECK(machine.slipway({"poweroff", machine.name()}).status == exit_status(Kind::NotFound));
}

TEST_CASE("a reboot keeps the supervisor and brings a new leader", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    machine.wait_for_console("up and running");
    const spawn::MachineRecord before = machine.record();
    REQUIRE(machine.slipway({"reboot", machine.name()}).status == 0);
    wait_for_process(before.leader.value());
    for (auto now = before.leader; !now || now == before.leader; now = machine.record().leader) {
        ::poll(nullptr, 0, 20); // the file tells nobody that it changes
        REQUIRE(spawn::is_alive(before.supervisor));
    }
    CHECK(machine.record().supervisor == before.supervisor);
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("terminate ends what listens to nobody", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    write_file(machine.pool / "bb/etc/inittab",
               "::sysinit:/bin/sh -c 'trap \"\" TERM USR2; echo up and running; sleep 1000'\n");
    machine.boot();
    machine.wait_for_console("up and running");
    REQUIRE(machine.slipway({"terminate", machine.name()}).status == 0);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("whoever of a machine is killed, the next verb leaves nothing of it", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string network = GENERATE("--private-users=no", "--network-veth");
    const std::string victim = GENERATE("supervisor", "engine", "leader", "supervisor and engine");
    INFO(network << ", " << victim);
    BusyboxMachine machine(network);
    machine.boot();
    const spawn::MachineRecord record = machine.record();
    const spawn::ProcessId engine = engine_of(machine);
    const spawn::ProcessId leader = record.leader.value();
    if (victim.starts_with("supervisor")) {
        spawn::signal_process(record.supervisor, SIGKILL);
    }
    if (victim.ends_with("engine")) {
        spawn::signal_process(engine, SIGKILL);
    }
    if (victim == "leader") {
        spawn::signal_process(leader, SIGKILL);
    }
    wait_for_process(record.supervisor);
    const RunResult listed = machine.slipway({"list"});
    INFO(listed.err);
    CHECK(listed.status == 0);
    CHECK(listed.out.find(machine.name()) == std::string::npos);
    wait_for_process(engine);
    wait_for_process(leader);
    CHECK(machine.traces() == Lines{});
    machine.boot(); // nothing is in its way
}

TEST_CASE("an engine that cannot start is told in its words, and nothing is left", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine("--bind=/nowhere-at-all");
    try {
        machine.boot();
        FAIL("it booted");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), contains("nowhere-at-all"));
    }
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a machine that ends while it boots is told with its last words", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.plan.arguments.emplace_back("--notify-ready=yes"); // which it never says
    write_file(machine.pool / "bb/etc/inittab", "::sysinit:/bin/sh -c 'kill -USR2 1'\n");
    CHECK_THROWS_WITH(machine.boot(),
                      contains("ended while it booted") && contains("Requesting system poweroff"));
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("an image that somebody uses is not booted", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    const storage::ImageLock lock(machine.pool.open(), "bb", storage::LockMode::Exclusive);
    try {
        machine.boot();
        FAIL("it booted");
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::Busy);
    }
}

TEST_CASE("kill reaches every process, or the first one alone", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    write_file(machine.pool / "bb/etc/inittab", "::sysinit:/bin/echo up and running\n"
                                                "::once:/bin/sh -c 'echo sleeps; sleep 1000; "
                                                "echo woken'\n");
    machine.boot();
    machine.wait_for_console("sleeps");
    const spawn::ProcessId supervisor = machine.record().supervisor;
    REQUIRE(machine.slipway({"kill", "--kill-whom=leader", "--signal=SIGCONT", machine.name()})
                .status == 0);
    REQUIRE(machine.slipway({"kill", "--signal=SIGHUP", machine.name()}).status == 0);
    REQUIRE(
        machine.slipway({"kill", "-s", "SIGUSR2", "--kill-whom=leader", machine.name()}).status ==
        0);
    wait_for_process(supervisor);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("start finds image and settings, and what nobody vouches for does not count",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    write_file(machine.pool / "bb.nspawn", "[Exec]\nHostname=inside\nCapability=all\n"
                                           "[Network]\nPrivate=no\n");
    const std::string pool = "--pool=" + machine.pool.path().string();
    const RunResult started = machine.slipway({"start", pool, "-M", machine.name(), "bb"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK_THAT(started.err, contains("Capability"));
    CHECK(machine.shell({"hostname"}).out == "inside\n");
    CHECK(machine.record().image == "bb");
    CHECK(machine.slipway({"start", pool, "-M", machine.name(), "bb"}).status ==
          exit_status(Kind::Busy));
    REQUIRE(machine.slipway({"stop", machine.name()}).status == 0);
    std::filesystem::remove(machine.pool / "bb.nspawn");
    CHECK(machine.traces() == Lines{});
    CHECK(machine.slipway({"start", pool, "no-such-image"}).status == exit_status(Kind::NotFound));
}
