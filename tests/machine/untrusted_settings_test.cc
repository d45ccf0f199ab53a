// Files of settings that nobody vouches for: what a publisher, or whoever stands in his place, can
// write into one, and what comes of it.

#include <algorithm>

#include "machine/merge.hh"
#include "machine/setting_table.hh"
#include "machine/settings.hh"
#include "tests/catch.hh"

using namespace slipway::machine;

namespace {

SettingsFile read(std::string_view text) {
    return read_settings(text, "/var/lib/machines/web.nspawn", Trust::None);
}

struct Row {
    const char* line;   ///< "Section.Key=value"
    const char* reason; ///< part of it
};

} // namespace

TEST_CASE("a hostile line counts for nothing, and is told with its reason", "[machine][hostile]") {
    const std::vector<Row> rows{
        {"Exec.Capability=all", "it would give the machine more privileges"},
        {"Exec.Capability=CAP_SYS_ADMIN", "more privileges"},
        {"Exec.Capability=", "more privileges"},
        {"Exec.AmbientCapability=CAP_SYS_MODULE", "more privileges"},
        {"Exec.NoNewPrivileges=no", "more privileges"},
        {"Exec.NoNewPrivileges=", "more privileges"},
        {"Exec.PrivateUsers=no", "range of users"},
        {"Exec.PrivateUsers=0", "range of users"},
        {"Exec.PrivateUsers=identity", "range of users"},
        {"Exec.PrivateUsers=0:4294967295", "range of users"},
        {"Exec.PrivateUsers=65536", "range of users"},
        {"Exec.SystemCallFilter=@mount @module", "system calls"},
        {"Exec.SystemCallFilter=~@network-io", "system calls"},
        {"Exec.LimitNOFILE=infinity", "more of the host"},
        {"Exec.LimitRTPRIO=99", "more of the host"},
        {"Exec.OOMScoreAdjust=-1000", "more of the host"},
        {"Exec.CPUAffinity=0-255", "more of the host"},
        {"Exec.MachineID=5c1f3a570d6f4c529c060123456789ab", "an identity"},
        {"Exec.NotifyReady=no", "when the machine is ready"},
        {"Exec.ResolvConf=bind-host", "files of the host"},
        {"Exec.Timezone=bind", "files of the host"},
        {"Exec.LinkJournal=host", "journal"},
        {"Exec.SuppressSync=yes", "power fails"},
        {"Exec.PivotRoot=/mnt:/", "another directory"},
        {"Files.Bind=/", "it would show the machine files of the host"},
        {"Files.Bind=/:/host:rbind,idmap", "files of the host"},
        {"Files.Bind=+/etc:/etc", "files of the host"},
        {"Files.BindReadOnly=/etc/shadow", "files of the host"},
        {"Files.BindUser=root", "users of the host"},
        {"Files.Overlay=/etc::/etc", "files of the host"},
        {"Files.OverlayReadOnly=/root:/mnt", "files of the host"},
        {"Files.TemporaryFileSystem=/tmp:size=1T", "more of the host"},
        {"Files.Inaccessible=/etc/hosts", "cover files"},
        {"Files.PrivateUsersOwnership=chown", "owners in the stored image"},
        {"Network.Private=no", "for the host's"},
        {"Network.VirtualEthernet=no", "for the host's"},
        {"Network.VirtualEthernet=false", "for the host's"},
        {"Network.VirtualEthernet=", "for the host's"},
        {"Network.VirtualEthernetExtra=eth0:eth0", "networks of the host"},
        {"Network.Interface=eth0", "take an interface away"},
        {"Network.MACVLAN=eth0", "networks of the host"},
        {"Network.IPVLAN=eth0", "networks of the host"},
        {"Network.Bridge=br0", "networks of the host"},
        {"Network.Zone=internal", "networks of the host"},
        {"Network.Port=tcp:22:22", "open ports of the host"},
        // The allowed ones with values that would become something else.
        {"Exec.Environment=SSH_AUTH_SOCK", "expected NAME=value"},
        {"Exec.Environment=--bind=/", "expected NAME=value"},
        {"Exec.User=--bind=/", "no name of a user"},
        {"Exec.Hostname=a b", "no host name"},
        {"Exec.Hostname=../../etc", "no host name"},
        {"Exec.WorkingDirectory=../../..", "absolute path"},
        {"Exec.KillSignal=SIGTERM --boot", "no signal"},
        {"Exec.Personality=--bind=/", "architecture"},
        {"Exec.DropCapability=CAP_KILL,--bind=/", "no capability"},
        {"Exec.Parameters=\"unfinished", "does not end"},
        {"Exec.Parameters=a\x1B[2J", "control character"},
        {"Files.Volatile=/etc", "neither yes nor no"},
        {"Files.ReadOnly=maybe", "neither yes nor no"},
        // Not quite the words of the table.
        {"exec.Capability=all", "no section"},
        {"Exec.capability=all", "no such setting"},
        {"Files.Capability=all", "no such setting"},
        {"Exec.Capability\t=all", "more privileges"},
        {"Service.ExecStart=/bin/sh", "no section"},
    };
    for (const Row& row : rows) {
        INFO(row.line);
        const std::string_view line = row.line;
        const std::size_t dot = line.find('.');
        const SettingsFile file = read("[" + std::string(line.substr(0, dot)) + "]\n" +
                                       std::string(line.substr(dot + 1)) + "\n");
        CHECK(file.settings == Settings());
        REQUIRE(file.ignored.size() == 1);
        CHECK(file.ignored[0].line == 2);
        CHECK_THAT(file.ignored[0].reason, contains(row.reason));
        CHECK(text_of(file.ignored[0], file.path).find('\x1B') == std::string::npos);
    }
}

TEST_CASE("what only takes from a machine, or concerns its inside, counts from anybody",
          "[machine][hostile]") {
    const SettingsFile file = read("[Exec]\nBoot=no\nProcessTwo=yes\nParameters=/bin/sh -c 'a;b'\n"
                                   "Environment=A=1\nUser=www\nWorkingDirectory=/srv\n"
                                   "Hostname=shown\nKillSignal=SIGTERM\nPersonality=x86\n"
                                   "NoNewPrivileges=yes\nDropCapability=all\nEphemeral=yes\n"
                                   "PrivateUsers=pick\n"
                                   "[Files]\nReadOnly=yes\nVolatile=state\n"
                                   "[Network]\nPrivate=yes\n");
    CHECK(file.ignored.empty());
    Settings expected;
    expected.mode = Mode::Command;
    expected.as_pid2 = true;
    expected.command = {"/bin/sh", "-c", "a;b"};
    expected.environment = {{"A", "1"}};
    expected.user = "www";
    expected.working_directory = "/srv";
    expected.hostname = "shown";
    expected.kill_signal = "SIGTERM";
    expected.personality = "x86";
    expected.no_new_privileges = true;
    expected.drop_capabilities = {"all"};
    expected.ephemeral = true;
    expected.private_users = PrivateUsers::Pick;
    expected.read_only = true;
    expected.is_volatile = Volatile::State;
    expected.network = Network::None;
    CHECK(file.settings == expected);
    CHECK(read("[Network]\nVirtualEthernet=yes\nPrivate=yes\n").settings.network == Network::Veth);
}

// The list of what counts is closed: a setting that joins the table is thought about here.
TEST_CASE("no other setting counts from anybody", "[machine][hostile]") {
    const std::vector<std::string_view> counts{
        "Boot",     "Ephemeral",   "ProcessTwo",      "Parameters", "Environment",
        "User",     "Hostname",    "DropCapability",  "KillSignal", "ReadOnly",
        "Volatile", "Personality", "WorkingDirectory"};
    const std::vector<std::string_view> counts_partly{"NoNewPrivileges", "PrivateUsers", "Private",
                                                      "VirtualEthernet"};
    for (const SettingSpec& spec : setting_table()) {
        INFO(spec.name);
        CHECK(spec.danger.empty() ==
              (std::find(counts.begin(), counts.end(), spec.name) != counts.end()));
        CHECK((spec.is_harmless != nullptr) ==
              (std::find(counts_partly.begin(), counts_partly.end(), spec.name) !=
               counts_partly.end()));
    }
}

TEST_CASE("a file of rubbish keeps no machine from being started", "[machine][hostile]") {
    const SettingsFile file =
        read("Capability=all\n[Network\nPrivate=no\n\xFF\xFE\n[Exec]\nBoot\n=\nHostname=a\n");
    CHECK(file.settings.hostname == "a");
    CHECK(file.ignored.size() == 6);
}

TEST_CASE("a line hidden behind a continued comment or a long one is read as what it is",
          "[machine][hostile]") {
    const SettingsFile file = read("[Exec]\n# harmless \\\nCapability=all\nHostname=a\\\n"
                                   "[Files]\\\nBind=/\nUser=" +
                                   std::string(300, ' ') + "www\n");
    REQUIRE(file.ignored.size() == 2);
    CHECK(file.ignored[0].setting == "Capability");
    CHECK(file.ignored[1].setting == "Hostname"); // one line, of which nothing is a section
    CHECK(file.settings.user == "www");
}

TEST_CASE("an untrusted file gives a machine no more than none does", "[machine][hostile]") {
    MachineSpec image;
    image.name = image.image = "web";
    image.root = "/var/lib/machines/web";
    std::string everything;
    for (const SettingSpec& spec : setting_table()) {
        for (const char* value : {"no", "0", "all", "/", "eth0", "80", "host", "infinity"}) {
            everything += fmt::format("[{}]\n{}={}\n", spec.section, spec.name, value);
        }
    }
    SettingsFile file = read(everything);
    file.settings.command = {"true"};
    const MachineSpec spec = merge(image, {}, file);
    CHECK(spec.private_users == PrivateUsers::Pick);
    CHECK(spec.ownership == Ownership::Map);
    CHECK(spec.network == Network::Veth);
    CHECK(spec.add_capabilities.empty());
    CHECK(spec.ambient_capabilities.empty());
    CHECK(spec.system_call_filter.empty());
    CHECK(spec.limits.empty());
    CHECK(spec.binds.empty());
    CHECK(spec.overlays.empty());
    CHECK(spec.temporary_file_systems.empty());
    CHECK(spec.bind_users.empty());
    CHECK(spec.host_links.empty());
    CHECK(spec.extra_veths.empty());
    CHECK(spec.ports.empty());
    CHECK(spec.pivot_root.empty());
    CHECK(spec.link_journal.empty());
    CHECK(spec.resolv_conf.empty());
}
