// Files on their way into machines and out of them.

#include <csignal>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/running_program.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

// A machine, with users of its own or without, and a place on the host.
class CopyMachine : public BusyboxMachine {
public:
    explicit CopyMachine(const std::string& users) : BusyboxMachine(users) {
        plan.arguments.emplace_back("--private-users-ownership=auto");
    }
    RunResult copy(const std::string& verb, const std::vector<std::string>& words) const {
        std::vector<std::string> all{verb, name()};
        all.insert(all.end(), words.begin(), words.end());
        return slipway(all);
    }
    /// The machine's tree as it lies on the disk.
    fs::path inside(const fs::path& path) const { return pool / "bb" / path; }
    /// What a copy has left under a name of its own.
    Lines leftovers(const fs::path& directory) const {
        Lines found;
        for (const auto& entry : fs::directory_iterator(directory)) {
            if (entry.path().filename().string().starts_with(".#")) {
                found.push_back(entry.path());
            }
        }
        return found;
    }
    TempDir place;
};

std::string any_users() {
    return GENERATE(as<std::string>{}, "--private-users=no", "--private-users=pick");
}

} // namespace

TEST_CASE("a tree goes into a machine and comes back as it was, owners included", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string users = any_users();
    const bool own = users != "--private-users=no";
    CopyMachine machine(users);
    machine.boot();
    fs::create_directory(machine.place / "from");
    // A machine with users of its own has 65536 of them, and makes no devices.
    make_rich_tree(machine.place / "from", {.large_ids = !own, .devices = !own});
    const Tree tree = read_tree(machine.place / "from");

    const RunResult there =
        machine.copy("copy-to", {(machine.place / "from").string(), "/root/copy"});
    INFO(users << there.err);
    REQUIRE(there.status == 0);
    CHECK(tree_differences(tree, read_tree(machine.inside("root/copy"))) == Lines{});
    CHECK_THAT(machine.shell({"ls", "-ln", "/root/copy/owners/user"}).out,
               contains(" 1000     1001 "));

    const RunResult back =
        machine.copy("copy-from", {"/root/copy", (machine.place / "back").string()});
    INFO(back.err);
    REQUIRE(back.status == 0);
    CHECK(tree_differences(tree, read_tree(machine.place / "back")) == Lines{});
    CHECK(machine.leftovers(machine.inside("root")) == Lines{});
    CHECK(machine.leftovers(machine.place.path()) == Lines{});
}

TEST_CASE("what a machine itself has made comes out as root's", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    CopyMachine machine("--private-users=pick");
    machine.boot();
    // On a file system of the machine's own.
    REQUIRE(machine
                .shell({"sh", "-c",
                        "echo made >/run/made; echo secret >/run/secret; "
                        "/bin/busybox chmod 600 /run/secret; "
                        "/bin/busybox chown 7:8 /run/secret"})
                .status == 0);
    REQUIRE(machine.copy("copy-from", {"/run/made", (machine.place / "made").string()}).status ==
            0);
    REQUIRE(
        machine.copy("copy-from", {"/run/secret", (machine.place / "secret").string()}).status ==
        0);
    const Tree tree = read_tree(machine.place.path());
    CHECK(tree.at("made").uid == 0);
    CHECK(tree.at("secret").uid == 7);
    CHECK(tree.at("secret").gid == 8);
    CHECK(tree.at("secret").mode == (S_IFREG | 0600));
    CHECK(read_file(machine.place / "secret") == "secret\n");
}

TEST_CASE("what has the name already is left alone, unless --force is given", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    CopyMachine machine(any_users());
    machine.boot();
    const std::string source = (machine.place / "new").string();
    write_file(source, "new");
    write_file(machine.inside("root/file"), "old");
    fs::create_directory(machine.inside("root/directory"));

    const RunResult refused = machine.copy("copy-to", {source, "/root/file"});
    CHECK(refused.status == exit_status(Kind::Exists));
    CHECK_THAT(refused.err,
               contains("'/root/file' is there already") && contains("nothing was copied"));
    CHECK(read_file(machine.inside("root/file")) == "old");
    CHECK(machine.copy("copy-to", {source, "/root/directory"}).status == exit_status(Kind::Exists));
    CHECK(machine.copy("copy-to", {source, "/root/directory", "--force"}).status != 0);
    CHECK(fs::is_directory(machine.inside("root/directory")));
    CHECK(machine.copy("copy-to", {source, "/root/file", "--force"}).status == 0);
    CHECK(read_file(machine.inside("root/file")) == "new");

    write_file(machine.place / "old", "old");
    const std::string target = (machine.place / "old").string();
    CHECK(machine.copy("copy-from", {"/root/file", target}).status == exit_status(Kind::Exists));
    CHECK(read_file(target) == "old");
    CHECK(machine.copy("copy-from", {"/root/file", target, "--force"}).status == 0);
    CHECK(read_file(target) == "new");
    CHECK(machine.leftovers(machine.inside("root")) == Lines{});
}

TEST_CASE("what cannot be copied is told, and nothing is left of it", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    CopyMachine machine(any_users());
    machine.boot();
    write_file(machine.place / "file", "x");
    const std::string file = (machine.place / "file").string();
    const std::string no_file = (machine.place / "no-such-file").string();

    CHECK(machine.copy("copy-to", {no_file, "/root/x"}).status == exit_status(Kind::NotFound));
    CHECK(machine.copy("copy-from", {"/no-such-file", no_file}).status ==
          exit_status(Kind::NotFound));
    CHECK(machine.copy("copy-to", {file}).status ==
          exit_status(Kind::NotFound)); // no such directory there
    CHECK(machine.copy("copy-to", {file, "relative"}).status == exit_status(Kind::InvalidArgument));
    CHECK(machine.slipway({"copy-to", "no-such-machine", file, "/x"}).status ==
          exit_status(Kind::NotFound));
    REQUIRE(::mkfifo((machine.place / "fifo").c_str(), 0600) == 0);
    const RunResult fifo =
        machine.copy("copy-to", {(machine.place / "fifo").string(), "/root/fifo"});
    CHECK(fifo.status == exit_status(Kind::Unsupported));
    CHECK_THAT(fifo.err, contains("found a fifo"));
    CHECK(fs::is_empty(machine.inside("root")));

    // Without a second path, it is the first.
    REQUIRE(machine.copy("copy-from", {"/etc/passwd"}).status == exit_status(Kind::Exists));
    REQUIRE(machine.shell({"/bin/busybox", "mkdir", "-p", machine.place.path().string()}).status ==
            0);
    CHECK(machine.copy("copy-to", {file}).status == 0);
    CHECK(machine.shell({"cat", file}).out == "x");
}

TEST_CASE("a machine's links lead nowhere out of it", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    CopyMachine machine(any_users());
    fs::create_symlink("/../../etc", machine.inside("mnt"));
    fs::create_symlink("/etc", machine.inside("absolute"));
    machine.boot();
    const std::string name = machine.name();
    write_file(machine.place / "file", "from the host");
    const std::string file = (machine.place / "file").string();

    CHECK(machine.copy("copy-to", {file, "/mnt/" + name}).status == 0);
    CHECK(machine.copy("copy-to", {file, "/absolute/2" + name}).status == 0);
    CHECK(machine.copy("copy-to", {file, "/../../../../etc/3" + name}).status == 0);
    for (const std::string& copy : {name, "2" + name, "3" + name}) {
        CHECK_FALSE(fs::exists("/etc/" + copy));
        CHECK(read_file(machine.inside("etc/" + copy)) == "from the host");
    }
    CHECK(machine.copy("copy-from", {"/mnt/os-release", (machine.place / "os").string()}).status ==
          0);
    CHECK_THAT(read_file(machine.place / "os"), contains("ID=busybox"));
    // A process of the machine's is a way out for whoever follows a magic link.
    CHECK(machine.copy("copy-from", {"/proc/1/root/etc/passwd", (machine.place / "p").string()})
              .status != 0);
    CHECK_FALSE(fs::exists(machine.place / "p"));

    // A symlink is copied, and replaced: never followed at its end.
    fs::create_symlink("/etc/passwd", machine.place / "link");
    CHECK(machine.copy("copy-to", {(machine.place / "link").string(), "/root/link"}).status == 0);
    CHECK(fs::read_symlink(machine.inside("root/link")) == "/etc/passwd");
    CHECK(machine.copy("copy-from", {"/mnt", (machine.place / "mnt").string()}).status == 0);
    CHECK(fs::read_symlink(machine.place / "mnt") == "/../../etc");
    CHECK(machine.copy("copy-to", {file, "/root/link", "--force"}).status == 0);
    CHECK(read_file(machine.inside("root/link")) == "from the host");
    CHECK_THAT(read_file(machine.inside("etc/passwd")), contains("root:x:0:0"));
}

TEST_CASE("a copy that is interrupted leaves nothing", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    CopyMachine machine(any_users());
    machine.boot();
    const fs::path many = machine.place / "many";
    fs::create_directory(many);
    for (int i = 0; i < 20'000; ++i) {
        write_file(many / std::to_string(i), "x");
    }
    Running copy(
        {program("slipway").string(), "copy-to", machine.name(), many.string(), "/root/many"});
    while (machine.leftovers(machine.inside("root")).empty()) {
        ::poll(nullptr, 0, 1); // a directory tells nobody that it grows
        REQUIRE(::kill(copy.pid(), 0) == 0);
    }
    copy.kill(SIGINT);
    CHECK(copy.wait() == 128 + SIGINT);
    CHECK_THAT(copy.err(), contains("nothing was copied"));
    CHECK(fs::is_empty(machine.inside("root")));
}
