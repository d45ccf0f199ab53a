// Commands in a machine without systemd.

#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"

using namespace slipway;
using namespace slipway::tests;

TEST_CASE("shell gives the command's status, and its outputs apart", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    for (int round = 0; round < 20; ++round) {
        CHECK(machine.shell({"sh", "-c", "exit " + std::to_string(round)}).status == round);
    }
    const RunResult apart =
        machine.shell({"sh", "-c", "cat; echo err >&2; exit 7"}, "from stdin\n");
    CHECK(apart.status == 7);
    CHECK(apart.out == "from stdin\n");
    CHECK(apart.err == "err\n");
    CHECK(machine.shell({"sh", "-c", "kill -9 $$"}).status == 137);
    CHECK(machine.shell({"no-such-command"}).status == 127);
    CHECK(machine.shell({"/etc/passwd"}).status == 126);
    CHECK(machine.shell({"echo", "$$", "$HOME", "--quiet", "--", "-x"}).out ==
          "$$ $HOME --quiet -- -x\n");
    CHECK(machine.shell({}, "echo $HOME; exit 3\n").status == 3);
}

TEST_CASE("a command is the user's, at home where there is one", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    CHECK(machine.shell({"pwd"}).out == "/root\n");
    const auto as_user = [&](const std::string& user, const std::string& command) {
        return machine.slipway({"shell", "-q", user + "@" + machine.name(), "sh", "-c", command});
    };
    CHECK(as_user("user", "id -u; id -g; id -G; pwd; echo $USER").out ==
          "1000\n1000\n1000\n/\nuser\n");
    CHECK(as_user("1000", "id -un").out == "user\n");
    const RunResult unknown = as_user("nobody-there", "true");
    CHECK(unknown.status == 125);
    CHECK_THAT(unknown.err, contains("no user 'nobody-there'"));
    CHECK(machine.slipway({"shell", "no-such-machine", "true"}).status == 125);
}

TEST_CASE("a command that joined has the machine's capabilities at most, and says what it lacks",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string users = GENERATE("--private-users=no", "--private-users=pick");
    BusyboxMachine machine(users);
    machine.plan.arguments.emplace_back("--private-users-ownership=auto");
    machine.boot();
    const auto line = [](const std::string& text, const std::string& key) {
        const std::size_t at = text.find(key);
        REQUIRE(at != text.npos);
        return text.substr(at, text.find('\n', at) - at);
    };
    const RunResult inside = machine.slipway({"shell", machine.name(), "cat", "/proc/self/status"});
    INFO(users << inside.err);
    REQUIRE(inside.status == 0);
    const std::string leader =
        read_file("/proc/" + std::to_string(machine.record().leader->pid) + "/status");
    CHECK(line(inside.out, "CapBnd:") == line(leader, "CapBnd:"));
    CHECK(line(inside.out, "CapEff:").substr(8) == line(leader, "CapBnd:").substr(8));
    CHECK(line(inside.out, "CapInh:") == "CapInh:\t0000000000000000");
    CHECK(line(inside.out, "NoNewPrivs:") == "NoNewPrivs:\t1");
    CHECK_THAT(inside.err, contains("without its filter of system calls"));
    // In the machine's control group, so that it ends with the machine.
    const RunResult group = machine.shell({"cat", "/proc/self/cgroup"});
    CHECK_THAT(group.out, contains("0::/"));
    CHECK(group.out.find("..") == std::string::npos);
    // What it makes belongs to the machine's root, and not to nobody.
    CHECK(machine.shell({"touch", "/root/made"}).status == 0);
    CHECK_THAT(machine.shell({"ls", "-ln", "/root/made"}).out, contains(" 0        0 "));
}

TEST_CASE("on a terminal a command has a terminal of the machine's", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    const std::string shell =
        program("slipway").string() + " shell -q user@" + machine.name() + " sh -c ";
    const RunResult result =
        run({"script", "-qec", shell + "'tty; stty size; ls -l $(tty); echo err >&2; exit 9'",
             "/dev/null"});
    INFO(result.out);
    CHECK(result.status == 9);
    CHECK_THAT(result.out, contains("/dev/pts/"));
    CHECK_THAT(result.out, contains("user")); // it is the user's own
    CHECK_THAT(result.out, contains("err"));
}

TEST_CASE("a command ends with its machine", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    machine.wait_for_console("up and running");
    // SIGUSR2: poweroff. It ends by the init's SIGTERM, or with its namespace.
    const int status = machine.shell({"sh", "-c", "kill -12 1; sleep 1000"}).status;
    CHECK((status == 143 || status == 137));
}
