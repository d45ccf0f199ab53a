// Trusted files of settings: every setting to its value, every fault to its line.

#include <set>

#include "base/error.hh"
#include "machine/setting_table.hh"
#include "machine/settings.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

SettingsFile read(std::string_view text) {
    return read_settings(text, "/etc/systemd/nspawn/web.nspawn", Trust::Full);
}

Settings network(const std::string& lines) {
    return read("[Network]\n" + lines).settings;
}

} // namespace

TEST_CASE("every setting of a trusted file becomes a value", "[machine]") {
    const SettingsFile file = read("[Exec]\n"
                                   "Boot=no\nEphemeral=yes\nProcessTwo=yes\n"
                                   "Parameters=/bin/sh -c 'echo hi'\n"
                                   "Environment=A=1 \"B=2 3\"\nEnvironment=C=\n"
                                   "User=www\nWorkingDirectory=/srv\nPivotRoot=/a:/b\n"
                                   "Capability=CAP_NET_ADMIN\nDropCapability=CAP_MKNOD\n"
                                   "AmbientCapability=CAP_NET_ADMIN\nNoNewPrivileges=yes\n"
                                   "KillSignal=SIGTERM\nPersonality=x86\n"
                                   "MachineID=5c1f3a570d6f4c529c060123456789ab\n"
                                   "PrivateUsers=65536:1000\nNotifyReady=no\n"
                                   "SystemCallFilter=~@mount\nSystemCallFilter=bpf\n"
                                   "LimitNOFILE=512:1024\nLimitCPU=infinity\n"
                                   "OOMScoreAdjust=-5\nCPUAffinity=0-1\nHostname=shown\n"
                                   "ResolvConf=off\nTimezone=off\nLinkJournal=no\n"
                                   "SuppressSync=yes\n"
                                   "[Files]\n"
                                   "ReadOnly=yes\nVolatile=overlay\n"
                                   "Bind=/a:/b\nBindReadOnly=/c\nBindUser=lennart\n"
                                   "TemporaryFileSystem=/tmp:size=1G\nInaccessible=/secret\n"
                                   "Overlay=/l:/u:/t\nOverlayReadOnly=/l:/t\n"
                                   "PrivateUsersOwnership=map\n"
                                   "[Network]\n"
                                   "Zone=lab\nVirtualEthernetExtra=a:b\nInterface=eth1\n"
                                   "MACVLAN=eth0\nIPVLAN=eth2\nPort=8080:80\n");
    CHECK(file.ignored.empty());
    Settings expected;
    expected.mode = Mode::Command;
    expected.ephemeral = true;
    expected.as_pid2 = true;
    expected.command = {"/bin/sh", "-c", "echo hi"};
    expected.environment = {{"A", "1"}, {"B", "2 3"}, {"C", ""}};
    expected.user = "www";
    expected.working_directory = "/srv";
    expected.pivot_root = "/a:/b";
    expected.add_capabilities = {"CAP_NET_ADMIN"};
    expected.drop_capabilities = {"CAP_MKNOD"};
    expected.ambient_capabilities = {"CAP_NET_ADMIN"};
    expected.no_new_privileges = true;
    expected.kill_signal = "SIGTERM";
    expected.personality = "x86";
    expected.machine_id = "5c1f3a570d6f4c529c060123456789ab";
    expected.private_users = PrivateUsers::Range;
    expected.private_users_range = {.base = 65536, .count = 1000};
    expected.notify_ready = false;
    expected.system_call_filter = {"~@mount", "bpf"};
    expected.limits = {{"NOFILE", "512:1024"}, {"CPU", "infinity"}};
    expected.oom_score_adjust = -5;
    expected.cpu_affinity = "0-1";
    expected.hostname = "shown";
    expected.resolv_conf = "off";
    expected.timezone = "off";
    expected.link_journal = "no";
    expected.suppress_sync = true;
    expected.read_only = true;
    expected.is_volatile = Volatile::Overlay;
    expected.binds = {{.source = "/a", .target = "/b", .options = "", .read_only = false},
                      {.source = "/c", .target = "/c", .options = "", .read_only = true}};
    expected.bind_users = {"lennart"};
    expected.temporary_file_systems = {"/tmp:size=1G"};
    expected.inaccessible = {"/secret"};
    expected.overlays = {{.layers = {"/l", "/u"}, .target = "/t", .read_only = false},
                         {.layers = {"/l", "/t"}, .target = "/t", .read_only = true}};
    expected.ownership = Ownership::Map;
    expected.network = Network::Zone;
    expected.network_of = "lab";
    expected.extra_veths = {"a:b"};
    expected.host_links = {{HostLink::Kind::Interface, "eth1", ""},
                           {HostLink::Kind::Macvlan, "eth0", ""},
                           {HostLink::Kind::Ipvlan, "eth2", ""}};
    expected.ports = {{.protocol = "tcp", .host = 8080, .machine = 80}};
    CHECK(file.settings == expected);
}

TEST_CASE("an empty value takes back what its own setting had, and nothing else", "[machine]") {
    const Settings settings = read("[Exec]\nParameters=a b\nParameters=\nParameters=c\n"
                                   "User=a\nUser=\nLimitCPU=1\nLimitCPU=\n"
                                   "Environment=A=1\nEnvironment=\nEnvironment=B=2\n"
                                   "PrivateUsers=no\nPrivateUsers=\n"
                                   "[Files]\nBind=/a\nBindReadOnly=/b\nBind=\n"
                                   "[Network]\nInterface=a\nMACVLAN=b\nInterface=\nZone=z\nZone=\n")
                                  .settings;
    Settings expected;
    expected.command = {"c"};
    expected.environment = {{"B", "2"}};
    expected.binds = {{.source = "/b", .target = "/b", .options = "", .read_only = true}};
    expected.host_links = {{HostLink::Kind::Macvlan, "b", ""}};
    expected.network = Network::None;
    CHECK(settings == expected);
}

TEST_CASE("every setting of the table can be taken back", "[machine]") {
    std::set<std::string_view> names;
    for (const SettingSpec& spec : setting_table()) {
        INFO(spec.name);
        SettingsDraft draft;
        spec.set(draft, spec.name, "");
        CHECK(draft.settings == Settings());
        CHECK(names.insert(spec.name).second);
        CHECK(find_setting(spec.section, spec.name) == &spec);
        CHECK((spec.is_harmless == nullptr || !spec.danger.empty()));
    }
}

TEST_CASE("a wrong value in a trusted file is an error with file and line", "[machine]") {
    CHECK_THROWS_WITH(read("[Exec]\n\nBoot=maybe\n"),
                      Catch::Matchers::Equals("/etc/systemd/nspawn/web.nspawn:3: Boot=: 'maybe' is "
                                              "neither yes nor no"));
    CHECK_THROWS_WITH(read("[Exec]\nSystemCallFilter=~@mount;\n"),
                      contains(":2: SystemCallFilter=: "));
    CHECK_THROWS_WITH(read("[Files]\nReadOnly yes\n"),
                      contains("web.nspawn:2: it is neither a [Section] nor Key=Value"));
    CHECK_THROWS_WITH(read("[Exec]\nUser=a\x1B[31m\n"), contains("holds a control character"));
}

TEST_CASE("what nobody knows is a note, with what may have been meant", "[machine]") {
    const SettingsFile file = read("[Exec]\nBot=yes\nCapability=all\n[Extra]\nA=b\n");
    REQUIRE(file.ignored.size() == 2);
    CHECK(text_of(file.ignored[0], file.path) ==
          "/etc/systemd/nspawn/web.nspawn:2: Bot= is ignored: there is no such setting in [Exec]. "
          "Was Boot meant?");
    CHECK(text_of(file.ignored[1], file.path) ==
          "/etc/systemd/nspawn/web.nspawn:5: A= is ignored: there is no section 'Extra'");
    CHECK(file.settings.add_capabilities == std::vector<std::string>{"all"});
}

TEST_CASE("the words of [Network] mean one network together", "[machine]") {
    struct Row {
        const char* lines;
        std::optional<Network> network;
    };
    const std::vector<Row> rows{
        {"", std::nullopt},
        {"Port=80\n", std::nullopt},
        {"Private=yes\n", Network::None},
        {"Private=no\n", Network::Host},
        {"VirtualEthernet=yes\n", Network::Veth},
        {"VirtualEthernet=no\n", Network::Host},
        {"Private=yes\nVirtualEthernet=no\n", Network::None},
        {"Private=yes\nVirtualEthernet=yes\n", Network::Veth},
        {"Bridge=br0\n", Network::Bridge},
        {"Zone=z\n", Network::Zone},
        {"MACVLAN=eth0\n", Network::None},
        {"VirtualEthernet=yes\nIPVLAN=eth0\n", Network::Veth},
        {"VirtualEthernetExtra=a\n", Network::None},
    };
    for (const Row& row : rows) {
        INFO(row.lines);
        CHECK(network(row.lines).network == row.network);
    }
}

TEST_CASE("words of [Network] that contradict each other are refused", "[machine]") {
    for (const char* lines :
         {"Private=no\nVirtualEthernet=yes\n", "Private=no\nZone=z\n", "Private=no\nMACVLAN=a\n",
          "Bridge=a\nZone=b\n", "VirtualEthernet=no\nBridge=a\n",
          "Private=no\nVirtualEthernetExtra=a\n"}) {
        INFO(lines);
        CHECK_THROWS_WITH(network(lines), contains("web.nspawn: [Network]: "));
    }
}
