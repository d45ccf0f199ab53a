// Commands in a machine with systemd: this system once more.

#include <sstream>

#include "tests/catch.hh"
#include "tests/e2e/at_terminal.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/e2e/system_tree.hh"
#include "tests/e2e/systemd_host.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

// Booted once: it takes seconds.
class SystemdMachine {
public:
    SystemdMachine()
        : plan(plan_of(tree.root(),
                       {"--boot", "--notify-ready=yes", "--network-veth", "--private-users=no",
                        "--resolv-conf=off", "--timezone=off", "--kill-signal=SIGRTMIN+3"})) {
        plan.sets_addresses = true;
        spawn::launch(plan, spawn::Until::Ready, BusyboxMachine::kPatience);
    }
    ~SystemdMachine() { slipway({"terminate", plan.machine}); }

    RunResult slipway(std::vector<std::string> words) const {
        words.insert(words.begin(), program("slipway").string());
        return run(words, {.patience = std::chrono::seconds(200)});
    }
    RunResult shell(std::vector<std::string> words, const std::string& input = "") const {
        words.insert(words.begin(), {program("slipway").string(), "shell", plan.machine});
        return run(words, {.input = input, .patience = std::chrono::seconds(200)});
    }

    SystemTree tree;
    machine::LaunchPlan plan;
};

} // namespace

TEST_CASE("a machine's own systemd runs commands, each with its status", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    if (auto why = no_systemd_host()) {
        SKIP(*why);
    }
    const SystemdMachine machine;
    for (int round = 0; round < 20; ++round) {
        CHECK(machine.shell({"sh", "-c", "exit " + std::to_string(round)}).status == round);
    }
    const RunResult apart = machine.shell({"sh", "-c", "cat; echo err >&2; exit 7"}, "stdin\n");
    CHECK(apart.status == 7);
    CHECK(apart.out == "stdin\n");
    CHECK(apart.err == "err\n"); // no fence is missing, and nothing else is said
    CHECK(machine.shell({"sh", "-c", "kill -9 $$"}).status == 137);
    CHECK(machine.shell({"echo", "$$", "${HOME}", "%n", "a b"}).out == "$$ ${HOME} %n a b\n");
    CHECK(machine.shell({"/no/such/command"}).status == 127);
    CHECK(machine.shell({"no-such-command"}).status == 127);
    CHECK(machine.shell({"/etc/passwd"}).status == 126);
    // systemd's own numbers are a command's, too.
    for (const int number : {200, 203, 217, 224, 255}) {
        CHECK(machine.shell({"sh", "-c", "exit " + std::to_string(number)}).status == number);
    }

    const std::string status = machine.shell({"cat", "/proc/self/status"}).out;
    CHECK_THAT(status, contains("Seccomp:\t2"));
    CHECK_THAT(machine.shell({"cat", "/proc/self/cgroup"}).out, contains("slipway-shell-"));
    // A user without a home of its own.
    CHECK(machine.slipway({"shell", "nobody@" + machine.plan.machine, "id", "-un"}).out ==
          "nobody\n");

    const RunResult terminal = run(
        {"script", "-qec",
         program("slipway").string() + " shell " + machine.plan.machine + " sh -c 'tty; exit 9'",
         "/dev/null"});
    INFO(terminal.out);
    CHECK(terminal.status == 9);
    CHECK_THAT(terminal.out, contains("/dev/pts/"));

    // Its own networkd knows of its address, and leaves it alone.
    REQUIRE(machine.shell({"systemctl", "start", "systemd-networkd"}).status == 0);
    const RunResult link = machine.shell({"sh", "-c",
                                          "for i in $(seq 100); do networkctl list host0 | grep -q "
                                          "-e configured -e failed && break; sleep 0.2; done; "
                                          "networkctl status host0"});
    INFO(link.out);
    CHECK_THAT(link.out, contains("10-slipway-host0.network"));
    CHECK_THAT(link.out, contains("routable (configured)"));
    CHECK_THAT(machine.slipway({"list"}).out, contains("10.201."));

    // Nothing of all that stays in it.
    const std::string units =
        machine.shell({"systemctl", "list-units", "--all", "--no-legend", "slipway-shell-*"}).out;
    INFO(units);
    std::istringstream lines(units);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
        ++count;
    }
    CHECK(count <= 1); // the one that asks

    // A prompt on a terminal of its own, which is left again.
    AtTerminal login("login " + machine.plan.machine);
    login.wait_for("login:");
    login.leave();
    CHECK(login.wait() == 0);

    REQUIRE(machine.slipway({"poweroff", machine.plan.machine}).status == 0);
    CHECK(machine.slipway({"list", "--no-legend"}).out.find(machine.plan.machine) ==
          std::string::npos);
}
