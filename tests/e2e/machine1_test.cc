// The image verbs of the real machinectl against slipway-importd, beside systemd's own machined on
// another bus over images of the same kind, row by row: output and exit status.

#include <regex>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/bus.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/daemon_client.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/test_bus.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

const std::filesystem::path kPeer = "/lib/systemd/systemd-machined";
const std::filesystem::path kPeerPolicy =
    "/usr/share/dbus-1/system.d/org.freedesktop.machine1.conf";
constexpr const char* kName = "org.freedesktop.machine1";
constexpr uid_t kNobody = 65534;

// Two trees, one of which is a system, and a disk.
void fill(const std::filesystem::path& pool) {
    std::filesystem::create_directories(pool / "web/etc");
    write_file(pool / "web/etc/hostname", "web-host\n");
    write_file(pool / "web/etc/machine-id", "00112233445566778899aabbccddeeff\n");
    write_file(pool / "web/etc/machine-info", "DEPLOYMENT=test\n");
    write_file(pool / "web/etc/os-release", "ID=debian\nPRETTY_NAME=\"A Debian\"\n");
    write_file(pool / "web.nspawn", "[Exec]\nBoot=no\n");
    std::filesystem::create_directory(pool / "deb-12");
    std::filesystem::create_directory(pool / ".hidden");
    write_file(pool / "disk.raw", std::string(8192, 'x'));
}

// systemd-machined on that bus, over that pool.
ChildProcess start_peer(const TestBus& bus, const std::filesystem::path& pool) {
    const std::string setup = "mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p "
                              "/run/systemd/system /run/systemd/machines && mount --bind '" +
                              pool.string() + "' /var/lib/machines && exec " + kPeer.string();
    ChildProcess child(
        {.program = "/usr/bin/env",
         .arguments = {"unshare", "--mount", "--propagation", "private", "sh", "-c", setup},
         .fds = {},
         .environment = bus.whole_environment(),
         .own_process_group = true,
         .capture_stderr = true});
    bus.wait_for_owner(kName, &child);
    return child;
}

std::optional<std::string> no_peer() {
    if (auto why = no_machinectl()) {
        return why;
    }
    if (!std::filesystem::exists(kPeer) || !std::filesystem::exists("/var/lib/machines")) {
        return "systemd's own systemd-machined is not installed";
    }
    return std::nullopt;
}

struct Stage {
    TestBus bus;
    RunningDaemon daemon{bus};

    Stage() { fill(pool()); }
    std::filesystem::path pool() const { return daemon.pool(); }
    RunResult machinectl(const std::vector<std::string>& arguments) const {
        return bus.run(TestBus::machinectl(arguments));
    }
    bool has(const std::string& name) const { return std::filesystem::exists(pool() / name); }
};

// What machinectl printed, less what differs from one pool to the other: times, and the pool's
// path. Of an error the words are the daemon's own; what was being done stands before them.
std::string comparable(const RunResult& result, const std::filesystem::path& pool) {
    std::string text = result.out + result.err;
    for (std::size_t at = 0; (at = text.find(pool.string())) != std::string::npos;) {
        text.replace(at, pool.string().size(), "/var/lib/machines");
    }
    text = std::regex_replace(
        text, std::regex(R"([A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+(; [^\n]*)?)"),
        "TIME");
    text = std::regex_replace(text, std::regex(" +"), " ");
    // Where the image came from takes our clone of a disk a block more.
    text = std::regex_replace(text, std::regex("(locked raw yes) [0-9.]+K"), "$1 SIZE");
    return result.status == 0
               ? text
               : std::regex_replace(text, std::regex("((Could not|Failed to) [^:]*:).*\n"), "$1");
}

std::string xml_of(const TestBus& bus, const std::string& path, const std::string& interface) {
    const RunResult told =
        bus.run({"busctl", "--system", "--xml-interface", "introspect", kName, path});
    const std::size_t begin = told.out.find("<interface name=\"" + interface + "\">");
    REQUIRE(begin != std::string::npos);
    return told.out.substr(begin, told.out.find("</interface>", begin) - begin);
}

} // namespace

TEST_CASE("machinectl's image verbs print and return what they do with machined",
          "[e2e][importd][machine1]") {
    if (auto why = no_peer()) {
        SKIP(*why);
    }
    const Stage ours;
    const TempDir pool;
    fill(pool.path());
    const TestBus peer_bus({.policies = {kPeerPolicy, polkit_bus_policy()}});
    const ChildProcess peer = start_peer(peer_bus, pool.path());
    const std::vector<std::vector<std::string>> commands{
        {"list-images"},
        {"list-images", "--all", "--no-legend"},
        {"list"},
        {"image-status", "web"},
        {"image-status", "disk"},
        {"image-status", "nope"},
        {"image-status"},
        {"show-image", "web"},
        {"show-image", "disk", "--property=Type", "--value"},
        {"show-image"},
        {"show-image", "nope"},
        {"clone", "web", "new"},
        {"clone", "web", "new"},
        {"clone", "--read-only", "disk", "locked"},
        {"clone", "nope", "x"},
        {"clone", "web", "a/b"},
        {"rename", "new", "moved"},
        {"rename", "moved", "web"},
        {"rename", "nope", "x"},
        {"rename", "web", ".#x"},
        {"read-only", "moved"},
        {"show-image", "moved", "--property=ReadOnly"},
        {"read-only", "moved", "no"},
        {"show-image", "moved", "--property=ReadOnly"},
        {"read-only", ".host"},
        {"read-only", "nope"},
        {"set-limit", "web", "1G"},
        {"set-limit", "nope", "1G"},
        {"set-limit", "1G"},
        {"list-images"},
        {"remove", "moved", "locked"},
        {"remove", "nope", "web"},
        {"remove", ".host"},
        {"remove", ".#x"},
        {"list-images", "--all"},
        {"clean"},
        {"list-images", "--all"},
        {"status", "nope"},
        {"terminate", "nope"},
        {"poweroff", "nope"},
        {"login", "nope"},
        {"copy-to", "nope", "/a"},
        {"start", "nope"},
    };
    for (const auto& command : commands) {
        const RunResult mine = ours.machinectl(command);
        const RunResult theirs = peer_bus.run(TestBus::machinectl(command));
        INFO(fmt::format("{}\nours:\n{}{}\nmachined's:\n{}{}", fmt::join(command, " "), mine.out,
                         mine.err, theirs.out, theirs.err));
        CHECK(mine.status == theirs.status);
        CHECK(comparable(mine, ours.pool()) == comparable(theirs, pool.path()));
    }
}

TEST_CASE("the objects of machine1 are introspected as machined's", "[e2e][importd][machine1]") {
    if (auto why = no_peer()) {
        SKIP(*why);
    }
    const Stage ours;
    const TempDir pool;
    fill(pool.path());
    const TestBus peer_bus({.policies = {kPeerPolicy, polkit_bus_policy()}});
    const ChildProcess peer = start_peer(peer_bus, pool.path());
    for (const auto& [path, interface] :
         {std::pair{"/org/freedesktop/machine1", "org.freedesktop.machine1.Manager"},
          std::pair{"/org/freedesktop/machine1/image/web", "org.freedesktop.machine1.Image"}}) {
        CHECK(xml_of(ours.bus, path, interface) == xml_of(peer_bus, path, interface));
    }
}

TEST_CASE("clones, marks and removals of machinectl are jobs that the history shows",
          "[e2e][importd][machine1]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    const Stage scene;
    CHECK(scene.machinectl({"clone", "web", "new"}).status == 0);
    CHECK(read_file(scene.pool() / "new/etc/hostname") == "web-host\n");
    CHECK(scene.has("new.nspawn"));
    CHECK(scene.machinectl({"rename", "new", "moved"}).status == 0);
    CHECK_FALSE(scene.has("new"));
    CHECK(scene.has("moved.nspawn"));
    CHECK(scene.machinectl({"read-only", "moved"}).status == 0);
    CHECK(scene.machinectl({"read-only", "moved", "no"}).status == 0);
    CHECK(scene.machinectl({"remove", "moved"}).status == 0);
    CHECK_FALSE(scene.has("moved"));
    CHECK_FALSE(scene.has("moved.nspawn"));
    DaemonClient client(scene.bus);
    Lines verbs;
    for (const transfer::JobRecord& job : client.history()) {
        verbs.push_back(fmt::format("{} {} {}", job.verb, job.name, job.source));
        CHECK(job.state == transfer::JobState::Done);
    }
    CHECK(verbs == Lines{"remove moved ", "read-only moved ", "read-only moved ",
                         "rename moved new", "clone new web"});
}

TEST_CASE("an image that somebody holds is busy, and machinectl says so",
          "[e2e][importd][machine1]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    const Stage scene;
    // As systemd-nspawn holds it.
    const Fd lock(::open((scene.pool() / ".#web.lck").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    REQUIRE(::fcntl(lock.get(), F_OFD_SETLK, &whole) == 0);
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"remove", "web"}, {"rename", "web", "x"}, {"clone", "web", "x"}}) {
        const RunResult refused = scene.machinectl(command);
        INFO(fmt::format("{}: {}", fmt::join(command, " "), refused.err));
        CHECK(refused.status == 1);
        CHECK_THAT(refused.err, contains("Could not " + command[0] + " image: "));
        CHECK_THAT(refused.err, contains("'web'"));
    }
    CHECK(scene.has("web"));
    CHECK_FALSE(scene.has("x"));
    const RunResult used =
        scene.bus.run({"busctl", "--system", "get-property", kName,
                       "/org/freedesktop/machine1/image/web", "io.slipway.Image1", "UsedBy"});
    CHECK_THAT(used.out, contains(std::to_string(::getpid())));
}

TEST_CASE("machinectl exports trees and disks that unpack to what they were",
          "[e2e][importd][machine1]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    const Stage scene;
    const TempDir place;
    const auto exported = [&](const std::string& file, const std::vector<std::string>& more = {}) {
        std::vector<std::string> command{"export-tar"};
        command.insert(command.end(), more.begin(), more.end());
        command.insert(command.end(), {"web", (place / file).string()});
        const RunResult result = scene.machinectl(command);
        INFO(result.out << result.err);
        CHECK(result.status == 0);
        const std::filesystem::path tree = place / (file + ".d");
        std::filesystem::create_directory(tree);
        run_ok({"tar", "--numeric-owner", "--xattrs", "-xpf", (place / file).string(), "-C",
                tree.string()});
        CHECK(differences(tree, scene.pool() / "web") == Lines{});
    };
    exported("plain.tar");
    exported("web.tar.gz"); // the client takes the format from the name
    exported("web.tar.xz");
    exported("other", {"--format=bzip2"});
    const RunResult disk = scene.machinectl({"export-raw", "disk", (place / "disk").string()});
    INFO(disk.err);
    CHECK(disk.status == 0);
    CHECK(read_file(place / "disk") == read_file(scene.pool() / "disk.raw"));

    const RunResult unknown = scene.machinectl({"export-tar", "nope", (place / "n").string()});
    CHECK(unknown.status == 1);
    CHECK_THAT(unknown.err, contains("'nope'"));
    const RunResult wrong = scene.machinectl({"export-raw", "web", (place / "w").string()});
    CHECK(wrong.status == 1);
}

TEST_CASE("limits are set where btrfs counts, and shown", "[e2e][importd][machine1]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 256 * MiB);
    run_ok({"btrfs", "quota", "enable", volume.path().string()});
    run_ok({"btrfs", "subvolume", "create", (volume / "web").string()});
    const TestBus bus;
    const RunningDaemon daemon(bus, {.pools = {{"machine", volume.path()}}});
    const auto machinectl = [&bus](const std::vector<std::string>& arguments) {
        return bus.run(TestBus::machinectl(arguments));
    };
    const auto limit = [&machinectl] {
        return machinectl({"show-image", "web", "--property=Limit", "--value"}).out;
    };
    CHECK(limit() == "infinity\n");
    const RunResult set = machinectl({"set-limit", "web", "64M"});
    INFO(set.err);
    CHECK(set.status == 0);
    CHECK(limit() == "67108864\n");
    CHECK(machinectl({"set-limit", "web", "-"}).status == 0);
    CHECK(limit() == "infinity\n");
    CHECK(machinectl({"clone", "--read-only", "web", "copy"}).status == 0);
    CHECK(machinectl({"show-image", "copy", "--property=Type", "--property=ReadOnly"}).out ==
          "Type=subvolume\nReadOnly=yes\n");
}

TEST_CASE("polkit decides who may change images, and a rule can tell them apart",
          "[e2e][importd][machine1]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const Stage scene;
    const auto as_nobody = [&scene](const std::vector<std::string>& call) {
        std::vector<std::string> command{"busctl",
                                         "--system",
                                         "call",
                                         kName,
                                         "/org/freedesktop/machine1",
                                         "org.freedesktop.machine1.Manager"};
        command.insert(command.end(), call.begin(), call.end());
        return scene.bus.run(as_user(kNobody, command));
    };
    const std::vector<std::string> remove{"RemoveImage", "s", "web"};
    CHECK_THAT(as_nobody(remove).err, contains("Access denied")); // busctl's word for it

    const Polkit polkit(scene.bus,
                        {.rules = {{"10.rules", R"(polkit.addRule(function(action, subject) {
            if (action.id == "org.freedesktop.machine1.manage-images" &&
                action.lookup("verb") == "clone" && action.lookup("image") == "web" &&
                action.lookup("new_name") == "own") {
                return polkit.Result.YES;
            }
        });)"}}});
    CHECK_THAT(as_nobody(remove).err, contains("needs a password"));
    CHECK_THAT(as_nobody({"CloneImage", "ssb", "web", "other", "false"}).err,
               contains("needs a password"));
    CHECK_THAT(as_nobody({"CleanPool", "s", "all"}).err, contains("needs a password"));
    CHECK(as_nobody({"CloneImage", "ssb", "web", "own", "false"}).status == 0);
    CHECK(scene.has("own"));
    CHECK(as_nobody({"ListImages"}).status == 0);
    CHECK(as_nobody({"GetImageHostname", "s", "web"}).out == "s \"web-host\"\n");
    CHECK(scene.has("web"));
}

TEST_CASE("without machined's policy only root may change images", "[e2e][importd][machine1]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const Stage scene;
    const Polkit polkit(
        scene.bus, {.rules = {},
                    .actions = {own_actions(),
                                "/usr/share/polkit-1/actions/org.freedesktop.policykit.policy"}});
    const std::vector<std::string> mark{"busctl",
                                        "--system",
                                        "call",
                                        kName,
                                        "/org/freedesktop/machine1",
                                        "org.freedesktop.machine1.Manager",
                                        "MarkImageReadOnly",
                                        "sb",
                                        "deb-12",
                                        "false"};
    CHECK_THAT(scene.bus.run(as_user(kNobody, mark)).err, contains("Access denied"));
    CHECK(scene.bus.run(mark).status == 0);
}

TEST_CASE("B2: the name is not taken where machined has it or could have it",
          "[e2e][importd][machine1]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const std::string service = "[D-BUS Service]\nName=org.freedesktop.machine1\nUser=root\n"
                                "Exec=/bin/false\n";
    SECTION("it can be started") {
        const TestBus bus(
            {.policies = {}, .services = {{"org.freedesktop.machine1.service", service}}});
        const RunningDaemon daemon(bus);
        bus.wait_for_owner("org.freedesktop.import1");
        CHECK_FALSE(bus.is_owned(kName));
    }
    SECTION("it runs") {
        const TestBus bus;
        ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
        bus::Connection other = bus::Connection::open_system_bus();
        other.request_name(kName);
        const RunningDaemon daemon(bus);
        other.release_name(kName);
        CHECK_FALSE(bus.is_owned(kName));
    }
    SECTION("nobody wants it") {
        const TestBus bus;
        const RunningDaemon daemon(bus, {.pools = {}, .arguments = {"--machine1=no"}});
        CHECK_FALSE(bus.is_owned(kName));
    }
    SECTION("it is installed later") {
        const TestBus bus;
        const RunningDaemon daemon(bus);
        bus.wait_for_owner(kName);
        write_file(bus.services() / "org.freedesktop.machine1.service", service);
        run_ok({"busctl", "--address=" + bus.address(), "call", "org.freedesktop.DBus",
                "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig"});
        bus.wait_for_no_owner(kName);
        CHECK(bus.is_owned("io.slipway.Importd"));
    }
}
