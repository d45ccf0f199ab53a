// The console of a machine: who is attached to it, and what it has said.

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/at_terminal.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/running_program.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

class ShellMachine : public BusyboxMachine {
public:
    ShellMachine() {
        write_file(pool / "bb/etc/inittab",
                   "::sysinit:/bin/echo up and running\n::respawn:/bin/sh\n");
        boot();
        wait_for_console("# ");
    }
    /// Says it on the console.
    void say(const std::string& command) const {
        REQUIRE(shell({"sh", "-c", command + " >/dev/console"}).status == 0);
    }
};

} // namespace

TEST_CASE("console shows what was said, takes commands, and lets go", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    const std::string verb = GENERATE("console", "login"); // without systemd they are the same
    AtTerminal terminal(verb + " " + machine.name());
    terminal.wait_for("up and running");
    terminal.type("echo a$((1+1))b\n");
    terminal.wait_for("a2b");
    terminal.type("stty size\n");
    terminal.wait_for("33 77");
    terminal.type("\x1d\x1d\n");
    terminal.type("echo c$((1+2))d\n"); // too few
    terminal.wait_for("c3d");
    terminal.leave();
    CHECK(terminal.wait() == 0);
    CHECK_THAT(terminal.printed(), contains("left the console of"));
    CHECK(machine.shell({"true"}).status == 0);
    CHECK_THAT(machine.console(), contains("a2b"));
}

TEST_CASE("several are attached at once, and see the same", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    AtTerminal one("console " + machine.name());
    AtTerminal two("console " + machine.name());
    one.wait_for("up and running");
    two.wait_for("up and running");
    one.type("echo from-$((1+0))\n");
    one.wait_for("from-1");
    two.wait_for("from-1");
    two.type("echo from-$((1+1))\n");
    one.wait_for("from-2");
    two.wait_for("from-2");
    one.leave();
    CHECK(one.wait() == 0);
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(two.wait() == 0);
    CHECK_THAT(two.printed(), contains("has ended"));
    CHECK(machine.traces() == std::vector<std::string>{});
}

TEST_CASE("who does not read holds nobody up, and is put off", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    std::array<int, 2> keys{};
    REQUIRE(::pipe2(keys.data(), O_CLOEXEC) == 0);
    const Fd read_end(keys[0]);
    const Fd write_end(keys[1]);
    Running slow({program("slipway").string(), "console", machine.name()}, read_end.get());
    slow.wait_for_error("attached");
    machine.say("i=0; while [ $i -lt 30000 ]; do echo "
                "0123456789012345678901234567890123456789012345678901234567890123456789; "
                "i=$((i+1)); done");
    AtTerminal other("console " + machine.name());
    other.wait_for("0123456789");
    other.type("echo a$((2+2))b\n");
    other.wait_for("a4b");
    slow.wait_for_output("0123456789");
    CHECK(slow.wait() == 1);
    CHECK_THAT(slow.err(), contains("has let go"));
}

TEST_CASE("only the owner gets at a console, and what no terminal sends is passed on",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    struct stat info {};
    REQUIRE(::stat((spawn::Registry().directory_of(machine.name()) / "console.sock").c_str(),
                   &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const RunResult piped = run({program("slipway").string(), "console", machine.name()},
                                {.input = "echo p$((3+4))q\n"});
    CHECK(piped.status == 0);
    machine.wait_for_console("p7q");
}

TEST_CASE("log shows the last lines as they were said, but moves no cursor", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    machine.say("printf '\\none\\n\\033[31mtwo\\033[2J\\033]0;title\\007\\n\\001three\\n'");
    machine.wait_for_console("three");
    CHECK(machine.slipway({"log", machine.name(), "-n", "3"}).out ==
          "one\r\n\x1b[31mtwo\x1b[2J\x1b]0;title\x07\r\n\x01three\r\n");
    AtTerminal terminal("log -n 3 " + machine.name());
    CHECK(terminal.wait() == 0);
    CHECK(terminal.printed() == "one\r\ntwo\r\n\\x01three\r\n");
    CHECK(machine.slipway({"log", "no-such-machine"}).status != 0);
}

TEST_CASE("log goes on until the machine ends", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const ShellMachine machine;
    machine.say("printf '\\nbefore\\n'");
    machine.wait_for_console("before");
    Running log({program("slipway").string(), "log", "--follow", "-n1", machine.name()});
    log.wait_for_output("before");
    machine.say("echo after");
    log.wait_for_output("after");
    CHECK(log.out() == "before\r\nafter\r\n");
    REQUIRE(machine.slipway({"terminate", machine.name()}).status == 0);
    CHECK(log.wait() == 0);
}
