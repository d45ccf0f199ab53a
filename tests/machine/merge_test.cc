// Flags over settings over defaults.

#include "base/error.hh"
#include "machine/merge.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

using Words = std::vector<std::string>;

MachineSpec image() {
    MachineSpec spec;
    spec.name = "web";
    spec.image = "web";
    spec.root = "/var/lib/machines/web";
    return spec;
}

SettingsFile file(Settings settings, Trust trust = Trust::Full) {
    return {.path = "/etc/systemd/nspawn/web.nspawn",
            .trust = trust,
            .settings = std::move(settings),
            .ignored = {}};
}

} // namespace

TEST_CASE("nothing said: booted, private users by map, a link of its own", "[machine]") {
    const MachineSpec spec = merge(image(), {}, {});
    CHECK(spec.mode == Mode::Boot);
    CHECK(spec.private_users == PrivateUsers::Pick);
    CHECK(spec.ownership == Ownership::Map);
    CHECK(spec.network == Network::Veth);
    CHECK_FALSE(spec.is_special);
}

TEST_CASE("a flag stands over the file, and the file over the default", "[machine]") {
    Settings settings;
    settings.hostname = "file";
    settings.user = "file";
    settings.environment = {{"A", "file"}, {"B", "file"}};
    settings.limits = {{"NOFILE", "1"}, {"CPU", "1"}};
    settings.binds = {{.source = "/f", .target = "/f", .options = ""}};
    Settings flags;
    flags.hostname = "flag";
    flags.environment = {{"A", "flag"}};
    flags.limits = {{"NOFILE", "2"}};
    flags.binds = {{.source = "/g", .target = "/g", .options = ""}};
    const MachineSpec spec = merge(image(), flags, file(settings));
    CHECK(spec.hostname == "flag");
    CHECK(spec.user == "file");
    CHECK(spec.environment == std::map<std::string, std::string>{{"A", "flag"}, {"B", "file"}});
    CHECK(spec.limits == std::map<std::string, std::string>{{"NOFILE", "2"}, {"CPU", "1"}});
    CHECK(spec.binds == flags.binds);
    CHECK(spec.is_special);
}

TEST_CASE("what a file drops stays dropped unless a person adds just that", "[machine]") {
    Settings settings;
    settings.drop_capabilities = {"CAP_MKNOD", "CAP_CHOWN"};
    settings.system_call_filter = {"~@mount"};
    Settings flags;
    flags.drop_capabilities = {"CAP_KILL"};
    flags.add_capabilities = {"CAP_CHOWN"};
    flags.system_call_filter = {"bpf"};
    const MachineSpec spec = merge(image(), flags, file(settings));
    CHECK(spec.drop_capabilities == Words{"CAP_MKNOD", "CAP_KILL"});
    CHECK(spec.add_capabilities == Words{"CAP_CHOWN"});
    CHECK(spec.system_call_filter == Words{"~@mount", "bpf"});
}

TEST_CASE("whether a machine boots is one value, as is its network", "[machine]") {
    Settings settings;
    settings.as_pid2 = true;
    settings.command = {"/bin/server"};
    settings.network = Network::None;
    settings.host_links = {{HostLink::Kind::Macvlan, "eth0", ""}};
    settings.ports = {{.protocol = "tcp", .host = 80, .machine = 80}};
    CHECK(merge(image(), {}, file(settings)).mode == Mode::Command);
    CHECK(merge(image(), {}, file(settings)).as_pid2);

    Settings flags;
    flags.mode = Mode::Boot;
    flags.network = Network::Host;
    const MachineSpec spec = merge(image(), flags, file(settings));
    CHECK(spec.mode == Mode::Boot);
    CHECK_FALSE(spec.as_pid2);
    CHECK(spec.network == Network::Host);
    CHECK(spec.host_links.empty());
    CHECK(spec.ports.empty());
}

TEST_CASE("a command is PID 2 unless somebody says otherwise", "[machine]") {
    Settings flags;
    flags.mode = Mode::Command;
    flags.command = {"id"};
    CHECK(merge(image(), flags, {}).as_pid2);
    flags.as_pid2 = false;
    CHECK_FALSE(merge(image(), flags, {}).as_pid2);
}

TEST_CASE("a trusted file alone leaves a machine to the host's own unit, others do not",
          "[machine]") {
    Settings settings;
    settings.hostname = "shown";
    CHECK_FALSE(merge(image(), {}, file(settings)).is_special);
    CHECK_FALSE(merge(image(), {}, file({}, Trust::None)).is_special);
    CHECK(merge(image(), {}, file(settings, Trust::None)).is_special);
    SettingsFile ignored = file({}, Trust::None);
    ignored.ignored = {{.line = 1, .setting = "Bind", .reason = "it would"}};
    CHECK(merge(image(), {}, ignored).is_special);
    CHECK(merge(image(), settings, {}).is_special);
}

TEST_CASE("parts that exclude each other are refused in one line", "[machine]") {
    struct Row {
        const char* message;
        void (*set)(Settings&);
    };
    const std::vector<Row> rows{
        {"cannot both boot",
         [](Settings& s) {
             s.mode = Mode::Boot;
             s.as_pid2 = true;
         }},
        {"boots, which needs a console", [](Settings& s) { s.console = Console::Pipe; }},
        {"no command is given", [](Settings& s) { s.mode = Mode::Command; }},
        {"not given to other owners", [](Settings& s) { s.ownership = Ownership::Chown; }},
        {"which excludes ReadOnly=",
         [](Settings& s) {
             s.ownership = Ownership::Chown;
             s.ephemeral = true;
             s.read_only = true;
         }},
        {"BindUser= needs private users",
         [](Settings& s) {
             s.bind_users = {"a"};
             s.private_users = PrivateUsers::No;
         }},
        {"where no port needs forwarding",
         [](Settings& s) {
             s.network = Network::Host;
             s.ports = {{.protocol = "tcp", .host = 80, .machine = 80}};
         }},
        {"'../a' is no name for a credential",
         [](Settings& s) {
             s.credentials = {{"../a", ""}};
         }},
        {"'a:b' is no name for a credential",
         [](Settings& s) {
             s.credentials = {{"a:b", ""}};
         }},
    };
    for (const Row& row : rows) {
        Settings flags;
        row.set(flags);
        INFO(row.message);
        CHECK_THROWS_WITH(merge(image(), flags, {}), contains(row.message));
    }
}

TEST_CASE("an image whose name no machine can have asks for another one", "[machine]") {
    MachineSpec spec = image();
    for (const char* name : {"my image", "-x", "--bind=/", "a/b", "", "ä"}) {
        spec.name = name;
        INFO(name);
        CHECK_THROWS_WITH(merge(spec, {}, {}),
                          contains("is no name for a machine") && contains("--machine"));
    }
}
