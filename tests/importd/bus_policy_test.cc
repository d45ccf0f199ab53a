// data/io.slipway.Importd.conf, as the bus reads it: every member that the daemon offers can be
// called by everybody, and nothing else can be sent.

#include <algorithm>
#include <sstream>

#include "tests/catch.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/test_bus.hh"

using namespace slipway::tests;

namespace {

constexpr uid_t kNobody = 65534;
constexpr const char* kOwn = "io.slipway.Importd";
constexpr const char* kImport1 = "org.freedesktop.import1";
constexpr const char* kManager = "/org/freedesktop/import1";
constexpr const char* kMachine1 = "org.freedesktop.machine1";

struct Member {
    std::string interface;
    std::string name;
};

std::string attribute(const std::string& line) {
    const std::size_t start = line.find('"') + 1;
    return line.substr(start, line.find('"', start) - start);
}

// Methods of our own interfaces, as introspection tells them.
std::vector<Member> methods(const TestBus& bus, const std::string& name, const std::string& path) {
    const RunResult told =
        bus.run({"busctl", "--system", "--xml-interface", "introspect", name, path});
    std::istringstream lines(told.out);
    std::vector<Member> found;
    std::string interface;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("<interface name=") != line.npos) {
            interface = attribute(line);
        } else if (line.find("<method name=") != line.npos &&
                   !interface.starts_with("org.freedesktop.DBus.")) {
            found.push_back({interface, attribute(line)});
        }
    }
    return found;
}

// Whether the bus delivers what nobody sends. The arguments are not right, so that the daemon
// refuses in other words than the bus.
bool is_delivered(const TestBus& bus, const std::string& name, const std::string& path,
                  const Member& member) {
    const RunResult result =
        bus.run(as_user(kNobody, {"busctl", "--system", "call", name, path, member.interface,
                                  member.name, "b", "true"}));
    INFO(member.interface << "." << member.name << ": " << result.err);
    CHECK(result.status != 0);
    return result.err.find("Access denied") == std::string::npos;
}

} // namespace

TEST_CASE("whoever is not root may call every member, in whatever order the bus reads the policies",
          "[importd][policy]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const auto policies =
        GENERATE(std::vector<std::filesystem::path>{own_bus_policy()},
                 std::vector<std::filesystem::path>{own_bus_policy(), peer_bus_policy()},
                 std::vector<std::filesystem::path>{peer_bus_policy(), own_bus_policy()});
    const TestBus bus({.policies = policies});
    const RunningDaemon daemon(bus);

    const std::vector<Member> own = methods(bus, kOwn, "/io/slipway/Importd");
    CHECK(own.size() == 4);
    for (const Member& member : own) {
        CHECK(is_delivered(bus, kOwn, "/io/slipway/Importd", member));
    }
    const std::vector<Member> manager = methods(bus, kImport1, kManager);
    CHECK(manager.size() == 19);
    for (const Member& member : manager) {
        CHECK(is_delivered(bus, kImport1, kManager, member));
    }
    CHECK(is_delivered(bus, kImport1, "/org/freedesktop/import1/transfer/_1",
                       {"org.freedesktop.import1.Transfer", "Cancel"}));

    // What systemd's file leaves to root, ours does, too.
    const std::vector<std::string> of_root{
        "CreateMachine",          "CreateMachineWithNetwork",   "RegisterMachine",
        "OpenMachinePTY",         "RegisterMachineWithNetwork", "CopyFromMachineWithFlags",
        "CopyToMachineWithFlags", "OpenMachineRootDirectory"};
    const std::vector<Member> machine1 = methods(bus, kMachine1, "/org/freedesktop/machine1");
    CHECK(machine1.size() == 39);
    for (const Member& member : machine1) {
        const bool is_open =
            std::find(of_root.begin(), of_root.end(), member.name) == of_root.end();
        CHECK(is_delivered(bus, kMachine1, "/org/freedesktop/machine1", member) == is_open);
    }
    for (const char* method : {"Remove", "Rename", "Clone", "MarkReadOnly", "SetLimit",
                               "GetHostname", "GetMachineID", "GetMachineInfo", "GetOSRelease"}) {
        CHECK(is_delivered(bus, kMachine1, "/org/freedesktop/machine1/image/web",
                           {"org.freedesktop.machine1.Image", method}));
    }

    const auto as_nobody = [&](const std::vector<std::string>& words) {
        std::vector<std::string> command{"busctl", "--system"};
        command.insert(command.end(), words.begin(), words.end());
        return bus.run(as_user(kNobody, command));
    };
    for (const char* name : {kOwn, kImport1, kMachine1}) {
        CHECK(as_nobody({"call", name, "/", "org.freedesktop.DBus.Peer", "Ping"}).status == 0);
        CHECK(as_nobody({"introspect", name, "/"}).status == 0);
    }
    CHECK(as_nobody({"get-property", kOwn, "/io/slipway/Importd", kOwn, "Protocol"}).out ==
          "u 1\n");
    CHECK(as_nobody({"call", kOwn, "/io/slipway/Importd", kOwn, "ListJobs"}).out == "s \"[]\"\n");

    // What is not listed is refused by the bus.
    CHECK_FALSE(
        is_delivered(bus, kImport1, kManager, {"org.freedesktop.import1.Manager", "Other"}));
    CHECK_FALSE(is_delivered(bus, kOwn, "/io/slipway/Importd", {kOwn, "Other"}));
    const std::vector<std::string> set_level{"set-property",
                                             kImport1,
                                             "/org/freedesktop/LogControl1",
                                             "org.freedesktop.LogControl1",
                                             "LogLevel",
                                             "s",
                                             "debug"};
    CHECK_THAT(as_nobody(set_level).err, contains("Access denied"));
    std::vector<std::string> as_root{"busctl", "--system"};
    as_root.insert(as_root.end(), set_level.begin(), set_level.end());
    CHECK(bus.run(as_root).status == 0);
    CHECK(as_nobody({"get-property", kImport1, "/org/freedesktop/LogControl1",
                     "org.freedesktop.LogControl1", "LogLevel"})
              .out == "s \"debug\"\n");
}

TEST_CASE("only root may own the names", "[importd][policy]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    for (const char* name : {kOwn, kImport1, kMachine1}) {
        const std::vector<std::string> request{"busctl",
                                               "--system",
                                               "call",
                                               "org.freedesktop.DBus",
                                               "/org/freedesktop/DBus",
                                               "org.freedesktop.DBus",
                                               "RequestName",
                                               "su",
                                               name,
                                               "0"};
        CHECK(bus.run(request).status == 0);
        CHECK_THAT(bus.run(as_user(kNobody, request)).err, contains("Access denied"));
    }
}

TEST_CASE("the bus starts the daemon where no systemd runs, and it ends when it is idle",
          "[importd][policy]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TempDir directory;
    write_file(directory / "importd.conf", "[Daemon]\nIdleExit=1s\n");
    const std::string exec =
        program("slipway-importd").string() + " --config=" + (directory / "importd.conf").string() +
        " --state=" + directory.path().string() + " --runtime=" + directory.path().string();
    const TestBus bus({.policies = {},
                       .services = {{"io.slipway.Importd.service",
                                     "[D-BUS Service]\nName=io.slipway.Importd\nUser=root\n"
                                     "SystemdService=slipway-importd.service\nExec=" +
                                         exec + "\n"}}});
    const std::vector<std::string> list{"busctl", "--system", "call", kOwn, "/io/slipway/Importd",
                                        kOwn,     "ListJobs"};
    CHECK_FALSE(bus.is_owned(kOwn));
    CHECK(bus.run(as_user(kNobody, list)).out == "s \"[]\"\n");
    bus.wait_for_no_owner(kOwn);
    CHECK(bus.run(list).out == "s \"[]\"\n");
    bus.wait_for_no_owner(kOwn);
}

TEST_CASE("the rule that docs/daemon.md shows lets one group pull from one mirror",
          "[importd][policy]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const auto docs = own_bus_policy().parent_path().parent_path() / "docs";
    std::string rule = read_file(docs / "daemon.md");
    rule.erase(0, rule.find("```js\n") + 6);
    rule.erase(rule.find("```"));
    // The manual's, with its dashes as they are typed, is the same.
    CHECK_THAT(read_file(docs / "slipway-importd.8.in"), contains(rule));
    rule.replace(rule.find("\"images\""), 8, "\"nogroup\"");
    const TestBus bus;
    const Polkit polkit(bus, {.rules = {{"50-mirror.rules", rule}}});
    const auto allows = [&](const char* remote, const char* verify, const char* uid) {
        const RunResult asked = bus.run({"busctl",
                                         "--system",
                                         "call",
                                         "org.freedesktop.PolicyKit1",
                                         "/org/freedesktop/PolicyKit1/Authority",
                                         "org.freedesktop.PolicyKit1.Authority",
                                         "CheckAuthorization",
                                         "(sa{sv})sa{ss}us",
                                         "unix-process",
                                         "3",
                                         "pid",
                                         "u",
                                         "1",
                                         "start-time",
                                         "t",
                                         "0",
                                         "uid",
                                         "i",
                                         uid,
                                         "org.freedesktop.import1.pull",
                                         "3",
                                         "remote",
                                         remote,
                                         "class",
                                         "machine",
                                         "verify",
                                         verify,
                                         "0",
                                         ""});
        CHECK(asked.status == 0);
        return asked.out.find("(bba{ss}) true") != std::string::npos;
    };
    CHECK(allows("https://mirror.example/web.tar.xz", "signature", "65534"));
    CHECK_FALSE(allows("https://mirror.example/web.tar.xz", "no", "65534"));
    CHECK_FALSE(allows("https://mirror.example.evil/web.tar.xz", "signature", "65534"));
    CHECK_FALSE(allows("http://mirror.example/web.tar.xz", "signature", "65534"));
    CHECK_FALSE(allows("https://mirror.example/web.tar.xz", "signature", "1"));
}

TEST_CASE("polkitd takes our actions, alone and beside the peer's", "[importd][policy]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const auto actions =
        GENERATE(std::vector<std::filesystem::path>{own_actions()},
                 std::vector<std::filesystem::path>{own_actions(), peer_actions()});
    const TestBus bus;
    const Polkit polkit(bus, {.actions = actions});
    const RunResult listed =
        bus.run({"busctl", "--system", "call", "org.freedesktop.PolicyKit1",
                 "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
                 "EnumerateActions", "s", ""});
    // id, description, message, vendor, URL, icon, then what any, an inactive and an active
    // session need: 2 auth_admin, 4 auth_admin_keep
    for (const char* name : {"import", "export", "pull", "cancel"}) {
        const std::string id = "\"org.freedesktop.import1." + std::string(name) + "\"";
        INFO(listed.out);
        const std::size_t at = listed.out.find(id);
        REQUIRE(at != std::string::npos);
        CHECK(listed.out.find(id, at + 1) == std::string::npos);
        CHECK_THAT(listed.out.substr(at, 600), contains(" 2 2 4 0"));
    }
}
