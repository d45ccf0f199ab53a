// One command in a machine made for it.

#include <csignal>

#include "base/error.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/running_program.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;

// `slipway run FLAGS... bb WORDS...`
Lines command_of(const BusyboxMachine& machine, const Lines& flags, const Lines& words) {
    Lines command{program("slipway").string(),  "run", "--pool",
                  machine.pool.path().string(), "-M",  machine.name()};
    command.insert(command.end(), flags.begin(), flags.end());
    command.emplace_back("bb");
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

RunResult run_in(const BusyboxMachine& machine, const Lines& words, const Lines& flags = {},
                 const std::string& input = "") {
    return run(command_of(machine, flags, words),
               {.input = input, .patience = BusyboxMachine::kPatience});
}

} // namespace

TEST_CASE("run gives the command's status, and its outputs apart", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    for (const int status : {0, 1, 7, 134, 255}) {
        CHECK(run_in(machine, {"sh", "-c", "exit " + std::to_string(status)}).status == status);
    }
    const RunResult apart =
        run_in(machine, {"sh", "-c", "cat; echo err >&2; exit 7"}, {}, "from stdin\n");
    CHECK(apart.status == 7);
    CHECK(apart.out == "from stdin\n");
    CHECK(apart.err == "err\n");
    CHECK(run_in(machine, {"sh", "-c", "kill -9 $$"}).status == 255); // of systemd-nspawn
    CHECK(run_in(machine, {"echo", "$$", "--quiet", "--", "-x"}).out == "$$ --quiet -- -x\n");
    const RunResult missing = run_in(machine, {"no-such-command"});
    CHECK(missing.status == 127);
    CHECK_THAT(missing.err, contains("no command 'no-such-command' in the image 'bb'"));
    CHECK(run_in(machine, {"/etc/passwd"}).status == 126);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a failure of run's own is 125", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    CHECK(machine.slipway({"run", "--pool", machine.pool.path(), "nothing", "true"}).status == 125);
    CHECK(run_in(machine, {"true"}, {"--bind=/nowhere-at-all"}).status == 125);
    CHECK(run_in(machine, {}).status == 125); // neither a command nor Parameters=
    const storage::ImageLock lock(machine.pool.open(), "bb", storage::LockMode::Exclusive);
    CHECK(run_in(machine, {"true"}).status == 125);
}

TEST_CASE("what run writes is gone, and in place it stays", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string type = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    INFO(type);
    const LoopFs fs(type, 128 * MiB);
    const BusyboxMachine machine(fs);
    const Tree before = read_tree(machine.pool / "bb");
    const Lines writes{"sh", "-c", "echo new >/etc/new && echo >/etc/passwd && cat /etc/new"};
    const std::string users =
        GENERATE("--private-users=no", "--private-users=pick", "--hostname=default");
    INFO(users);
    const RunResult thrown = run_in(machine, writes, {users});
    INFO(thrown.err);
    CHECK(thrown.status == 0);
    CHECK(thrown.out == "new\n");
    CHECK(tree_differences(before, read_tree(machine.pool / "bb")) == Lines{});
    CHECK(machine.traces() == Lines{});

    CHECK(run_in(machine, writes, {"--in-place", users}).status == 0);
    CHECK(read_file(machine.pool / "bb/etc/new") == "new\n");
    CHECK_FALSE(std::filesystem::exists(machine.pool / "bb/etc/localtime"));
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a read-only image runs, and what is written is gone", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    REQUIRE(machine.slipway({"read-only", "--pool", machine.pool.path(), "bb"}).status == 0);
    const RunResult ran = run_in(machine, {"sh", "-c", "echo new >/etc/new && cat /etc/new"});
    CHECK(ran.out == "new\n");
    CHECK(run_in(machine, {"touch", "/etc/new"}, {"--in-place"}).status != 0);
    CHECK_FALSE(std::filesystem::exists(machine.pool / "bb/etc/new"));
}

TEST_CASE("several commands run in one image side by side", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    const Lines command{program("slipway").string(),
                        "run",
                        "--pool",
                        machine.pool.path().string(),
                        "bb",
                        "sh",
                        "-c",
                        "echo one >/etc/who; cat /etc/who"};
    Running first(command);
    Running second(command);
    CHECK(first.wait() == 0);
    CHECK(second.wait() == 0);
    CHECK(first.out() == "one\n");
    CHECK(second.out() == "one\n");
}

TEST_CASE("a signal ends the command in an orderly way", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const BusyboxMachine machine;
    Running running(command_of(machine, {},
                               {"sh", "-c",
                                "trap 'echo asked; exit 3' TERM INT; echo ready; "
                                "while :; do sleep 0.1; done"}));
    running.wait_for_output("ready\n");
    running.kill(signal);
    CHECK(running.wait() == 128 + signal);
    CHECK(running.out() == "ready\nasked\n");
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("on a terminal a command of run has a terminal of its own", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    const RunResult result =
        run({"script", "-qec",
             program("slipway").string() + " run --pool " + machine.pool.path().string() + " -M " +
                 machine.name() + " bb sh -c 'tty; echo err >&2; exit 9'",
             "/dev/null"});
    INFO(result.out);
    CHECK(result.status == 9);
    CHECK_THAT(result.out, contains("/dev/"));
    CHECK_THAT(result.out, contains("err"));
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a tree without an init, as docker export writes it, runs commands", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    for (const char* name : {"sbin", "proc", "sys", "dev", "run", "usr"}) {
        std::filesystem::remove_all(machine.pool / "bb" / name);
    }
    for (const char* name : {"proc", "sys", "dev", "usr"}) {
        std::filesystem::create_directory(machine.pool / "bb" / name);
    }
    write_file(machine.pool / "bb/.dockerenv", "");
    write_file(machine.pool / "bb/etc/resolv.conf", "");
    const RunResult ran = run_in(machine, {"/bin/sh", "-c", "id -u; exit 4"}, {"--quiet"});
    CHECK(ran.status == 4);
    CHECK(ran.out == "0\n");
    CHECK(ran.err.empty());
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("the settings' own command runs where none is given", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    write_file(machine.pool / "bb.nspawn", "[Exec]\nParameters=/bin/echo 'its own' command\n");
    CHECK(run_in(machine, {}).out == "its own command\n");
    CHECK(run_in(machine, {"echo", "mine"}).out == "mine\n");
}
