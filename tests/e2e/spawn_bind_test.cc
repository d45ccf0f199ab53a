// Directories of the host in machines that run.

#include <sys/stat.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;

class BindMachine : public BusyboxMachine {
public:
    explicit BindMachine(const std::string& users) : BusyboxMachine(users) {
        plan.arguments.emplace_back("--private-users-ownership=auto");
        write_file(place / "file", "of the host");
        fs::create_directory(place / "empty");
    }
    RunResult bind(const std::string& source, std::vector<std::string> words) const {
        words.insert(words.begin(), {"bind", name(), source});
        return slipway(words);
    }
    TempDir place;
};

std::string any_users() {
    return GENERATE(as<std::string>{}, "--private-users=no", "--private-users=pick");
}

} // namespace

TEST_CASE("a directory of the host is shown in a machine, with owners right on both sides",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BindMachine machine(any_users());
    machine.boot();
    const std::string place = machine.place.path().string();
    const RunResult missing = machine.bind(place, {"/srv/deep/data"});
    CHECK(missing.status == exit_status(Kind::NotFound));
    CHECK_THAT(missing.err, contains("--mkdir makes it"));
    CHECK_FALSE(fs::exists(machine.pool / "bb/srv"));

    const RunResult bound = machine.bind(place, {"/srv/deep/data", "--mkdir"});
    INFO(bound.err);
    REQUIRE(bound.status == 0);
    CHECK(machine.shell({"cat", "/srv/deep/data/file"}).out == "of the host");
    CHECK_THAT(machine.shell({"ls", "-ln", "/srv/deep/data/file"}).out, contains(" 0        0 "));
    REQUIRE(machine.shell({"sh", "-c", "echo made >/srv/deep/data/made"}).status == 0);
    REQUIRE(machine
                .slipway({"shell", "-q", machine.name(), "/bin/busybox", "chown", "1000:1001",
                          "/srv/deep/data/empty"})
                .status == 0);
    const Tree tree = read_tree(machine.place.path());
    CHECK(tree.at("made").uid == 0);
    CHECK(tree.at("made").gid == 0);
    CHECK(tree.at("empty").uid == 1000);
    CHECK(tree.at("empty").gid == 1001);
    // What --mkdir has made is the machine's root's.
    CHECK(read_tree(machine.pool / "bb/srv").at(".").uid == 0);

    CHECK(read_file("/proc/self/mountinfo").find("/srv/deep/data") == std::string::npos);
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(machine.traces() == std::vector<std::string>{});
    CHECK(fs::is_empty(machine.pool / "bb/srv/deep/data"));
    CHECK(read_file(machine.place / "made") == "made\n");
}

TEST_CASE("with --read-only a machine writes nothing there", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BindMachine machine(any_users());
    fs::create_directory(machine.pool / "bb/mnt");
    machine.boot();
    REQUIRE(machine.bind(machine.place.path().string(), {"/mnt", "--read-only"}).status == 0);
    const RunResult written = machine.shell({"sh", "-c", "echo made >/mnt/made"});
    CHECK(written.status != 0);
    CHECK_THAT(written.err, contains("Read-only file system"));
    CHECK(machine.shell({"cat", "/mnt/file"}).out == "of the host");
    CHECK_FALSE(fs::exists(machine.place / "made"));
    write_file(machine.place / "later", "seen"); // the host's own way stays open
    CHECK(machine.shell({"cat", "/mnt/later"}).out == "seen");
}

TEST_CASE("a single file is shown, but not on a directory", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BindMachine machine(any_users());
    machine.boot();
    const std::string file = (machine.place / "file").string();
    REQUIRE(machine.bind(file, {"/opt/made/file", "--mkdir"}).status == 0);
    CHECK(machine.shell({"cat", "/opt/made/file"}).out == "of the host");
    const RunResult on_directory = machine.bind(file, {"/root"});
    CHECK(on_directory.status == exit_status(Kind::InvalidArgument));
    CHECK_THAT(on_directory.err, contains("'/root' in it is a directory"));
    CHECK(machine.bind(machine.place.path().string(), {"/etc/passwd"}).status ==
          exit_status(Kind::InvalidArgument));
    CHECK(machine.bind("/no-such-place", {"/root"}).status == exit_status(Kind::NotFound));
    CHECK(machine.bind(file, {"relative"}).status == exit_status(Kind::InvalidArgument));
}

TEST_CASE("a machine's links lead no mount out of it", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BindMachine machine(any_users());
    fs::create_symlink("/../../etc", machine.pool / "bb/mnt");
    machine.boot();
    const std::string place = machine.place.path().string();
    REQUIRE(machine.bind(place, {"/mnt"}).status == 0);
    CHECK(machine.shell({"cat", "/etc/file"}).out == "of the host");
    REQUIRE(machine.bind(place, {"/mnt/" + machine.name() + "/x", "--mkdir"}).status == 0);
    CHECK_FALSE(fs::exists("/etc/" + machine.name()));
    CHECK_FALSE(fs::exists("/etc/file"));
}

TEST_CASE("a file system that cannot map users is refused for a machine with its own",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BindMachine machine("--private-users=pick");
    machine.boot();
    const RunResult refused = machine.bind("/proc/sys", {"/root"});
    CHECK(refused.status == exit_status(Kind::Unsupported));
    CHECK_THAT(refused.err, contains("cannot map its files") && contains("nothing was mounted"));
    CHECK(machine.shell({"ls", "/root"}).out.empty());
}
