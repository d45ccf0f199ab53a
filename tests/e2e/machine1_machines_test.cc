// The real machinectl, on a bus of the test's own, about machines that slipway-supervise runs:
// slipway-importd answers for them, where no systemd-machined is.

#include <csignal>
#include <optional>
#include <regex>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "spawn/process_id.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/test_bus.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;
constexpr uid_t kNobody = 65534;
constexpr const char* kPath = "/org/freedesktop/machine1";
constexpr const char* kManager = "org.freedesktop.machine1.Manager";

std::optional<std::string> why_not() {
    if (auto why = no_machines()) {
        return why;
    }
    return no_machinectl();
}

struct Stage {
    explicit Stage(const std::string& flag = "--private-users=no") : machine(flag) {
        write_file(machine.pool / "bb/etc/os-release",
                   "# a comment\nID=busybox\nVERSION_ID=\"1.35\"\nPRETTY_NAME='A busybox'\n");
        machine.boot();
        machine.wait_for_console("up and running");
    }

    RunResult machinectl(const Lines& arguments) const {
        return bus.run(TestBus::machinectl(arguments));
    }
    RunResult call(const Lines& arguments, uid_t uid = 0) const {
        Lines command{"busctl", "--system", "call", "org.freedesktop.machine1"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return bus.run(as_user(uid, command));
    }
    std::string object() const {
        return fmt::format("{}/machine/{}", kPath,
                           std::regex_replace(machine.name(), std::regex("-"), "_2d"));
    }
    pid_t leader() const { return machine.record().leader.value().pid; }

    TestBus bus;
    RunningDaemon daemon{bus};
    BusyboxMachine machine;
};

void wait_for_end(const spawn::ProcessId& process) {
    const Fd pidfd = spawn::open_process(process);
    REQUIRE((!pidfd || wait_for(pidfd.get(), POLLIN, {},
                                std::chrono::steady_clock::now() + BusyboxMachine::kPatience)));
}

} // namespace

TEST_CASE("machinectl lists and shows machines that slipway runs", "[e2e][importd][machine1]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Stage stage;
    const std::string name = stage.machine.name();

    const RunResult list = stage.machinectl({"list", "--no-legend"});
    INFO(list.err);
    CHECK(list.status == 0);
    CHECK(std::regex_replace(list.out, std::regex(" +"), " ") ==
          name + " container systemd-nspawn busybox 1.35 -\n");

    const RunResult status = stage.machinectl({"status", name});
    INFO(status.err);
    CHECK(status.status == 0);
    CHECK_THAT(status.out, contains(fmt::format("Leader: {} (init)", stage.leader())) ||
                               contains(fmt::format("Leader: {} (busybox)", stage.leader())));
    CHECK_THAT(status.out, contains("Service: systemd-nspawn; class container"));
    CHECK_THAT(status.out, contains("Root: " + (stage.machine.pool / "bb").string()));
    CHECK_THAT(status.out, contains("OS: A busybox"));
    CHECK_THAT(status.out, contains("Since: "));

    const RunResult shown = stage.machinectl({"show", name});
    CHECK_THAT(shown.out, contains("Name=" + name + "\n") && contains("Class=container\n") &&
                              contains("Service=systemd-nspawn\n") && contains("State=running\n") &&
                              contains(fmt::format("Leader={}\n", stage.leader())) &&
                              contains("RootDirectory=" + (stage.machine.pool / "bb").string()));
    CHECK(stage.machinectl({"show", name, "--property=State", "--value"}).out == "running\n");

    CHECK(stage.machinectl({"status", "nope"}).status != 0);
    CHECK_THAT(stage.machinectl({"status", "nope"}).err, contains("No machine 'nope' known"));
}

TEST_CASE("a machine's object, its addresses and its processes are found",
          "[e2e][importd][machine1]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Stage stage("--network-veth");
    const std::string name = stage.machine.name();
    const std::string object = fmt::format("o \"{}\"\n", stage.object());
    CHECK(stage.call({kPath, kManager, "GetMachine", "s", name}, kNobody).out == object);
    CHECK(stage
              .call({kPath, kManager, "GetMachineByPID", "u", std::to_string(stage.leader())},
                    kNobody)
              .out == object);
    // The engine belongs to none.
    const RunResult none = stage.call({kPath, kManager, "GetMachineByPID", "u",
                                       std::to_string(stage.machine.record().supervisor.pid)});
    CHECK(none.status != 0);
    CHECK_THAT(none.err, contains("does not belong to any known machine"));

    const RunResult tree =
        stage.bus.run({"busctl", "--system", "tree", "--list", "org.freedesktop.machine1"});
    CHECK_THAT(tree.out, contains(stage.object()));
    CHECK(stage.bus
              .run({"busctl", "--system", "get-property", "org.freedesktop.machine1",
                    stage.object(), "org.freedesktop.machine1.Machine", "NetworkInterfaces"})
              .out.starts_with("ai 1 "));

    CHECK(stage.call({kPath, kManager, "GetMachineAddresses", "s", name}).out == "a(iay) 0\n");
    run_ok({"nsenter", "--net", "--target=" + std::to_string(stage.leader()), "ip", "address",
            "add", "10.77.3.2/24", "dev", "host0"});
    CHECK(stage.call({stage.object(), "org.freedesktop.machine1.Machine", "GetAddresses"}, kNobody)
              .out == "a(iay) 1 2 4 10 77 3 2\n");
    CHECK_THAT(stage.machinectl({"list", "--no-legend"}).out, contains("10.77.3.2"));
}

TEST_CASE("machinectl ends machines that slipway runs, for those who may",
          "[e2e][importd][machine1]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Stage stage;
    const std::string name = stage.machine.name();
    const spawn::MachineRecord record = stage.machine.record();

    for (const Lines& call :
         {Lines{kPath, kManager, "TerminateMachine", "s", name},
          Lines{kPath, kManager, "KillMachine", "ssi", name, "all", "9"},
          Lines{stage.object(), "org.freedesktop.machine1.Machine", "Kill", "si", "leader", "9"}}) {
        INFO(call[2]);
        CHECK(stage.call(call, kNobody).status != 0);
    }
    CHECK(spawn::is_alive(record.leader.value()));
    CHECK(stage.call({kPath, kManager, "KillMachine", "ssi", name, "some", "9"}).status != 0);
    CHECK(stage.call({kPath, kManager, "KillMachine", "ssi", name, "all", "0"}).status != 0);
    CHECK_THAT(stage.machinectl({"kill", "nope"}).err, contains("No machine 'nope' known"));
    const RunResult entered = stage.machinectl({"login", name});
    CHECK(entered.status != 0);
    CHECK_THAT(entered.err, contains("slipway-importd does not OpenMachineLogin"));

    const std::string way = GENERATE("terminate", "kill", "kill the leader");
    INFO(way);
    const RunResult ended =
        way == "terminate" ? stage.machinectl({"terminate", name})
        : way == "kill"    ? stage.machinectl({"kill", "--signal=SIGKILL", name})
                           : stage.machinectl({"kill", "--kill-whom=leader", "-sSIGKILL", name});
    INFO(ended.err);
    CHECK(ended.status == 0);
    wait_for_end(record.supervisor);
    CHECK(stage.machinectl({"list"}).out.find(name) == std::string::npos);
    CHECK(stage.machine.traces() == Lines{});
}
