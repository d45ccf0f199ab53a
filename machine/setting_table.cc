// The table, in the order of the manual page. What counts without trust is what can only take from
// a machine, or concerns nothing but its inside: the image decides that anyway.

#include "machine/setting_table.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hh"
#include "base/scalar.hh"
#include "machine/setting_mounts.hh"
#include "machine/setting_network.hh"
#include "machine/setting_values.hh"

namespace slipway::machine {
namespace {

constexpr std::string_view kMorePrivileges = "give the machine more privileges";
constexpr std::string_view kHostFiles = "show the machine files of the host";
constexpr std::string_view kHostShare = "take more of the host than the administrator gave";
constexpr std::string_view kNoNetwork = "give up the machine's own network for the host's";
constexpr std::string_view kOtherNetworks = "connect the machine with networks of the host";

template <auto Member, auto Parse>
void set_one(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& member = draft.settings.*Member;
    member.reset();
    if (!value.empty()) {
        member = Parse(value);
    }
}

template <auto Member, auto Parse>
void set_network_word(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& member = draft.network.*Member;
    member.reset();
    if (!value.empty()) {
        member = Parse(value);
    }
}

template <auto Member, auto Parse>
void add_one(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& list = draft.settings.*Member;
    if (value.empty()) {
        list.clear();
    } else {
        list.push_back(Parse(value));
    }
}

template <auto Member, auto Parse>
void add_all(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& list = draft.settings.*Member;
    if (value.empty()) {
        list.clear();
        return;
    }
    for (auto& entry : Parse(value)) {
        list.push_back(std::move(entry));
    }
}

// Two settings of one list, told apart by whether they write.
template <auto Member, auto Parse, bool ReadOnly>
void add_mount(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& list = draft.settings.*Member;
    if (value.empty()) {
        std::erase_if(list, [](const auto& mount) { return mount.read_only == ReadOnly; });
        return;
    }
    auto mount = Parse(value);
    mount.read_only = ReadOnly;
    list.push_back(std::move(mount));
}

template <HostLink::Kind Kind>
void add_links(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& list = draft.settings.host_links;
    if (value.empty()) {
        std::erase_if(list, [](const HostLink& link) { return link.kind == Kind; });
        return;
    }
    for (HostLink& link : parse_host_links(value, Kind)) {
        list.push_back(std::move(link));
    }
}

void add_environment(SettingsDraft& draft, std::string_view, std::string_view value) {
    auto& variables = draft.settings.environment;
    if (value.empty()) {
        variables.clear();
        return;
    }
    for (const std::string& word : parse_words(value)) {
        auto [name, text] = parse_assignment(word);
        variables[name] = text;
    }
}

void set_limit(SettingsDraft& draft, std::string_view name, std::string_view value) {
    const std::string resource(name.substr(std::string_view("Limit").size()));
    if (value.empty()) {
        draft.settings.limits.erase(resource);
    } else {
        draft.settings.limits[resource] = parse_limit(value);
    }
}

void set_private_users(SettingsDraft& draft, std::string_view, std::string_view value) {
    draft.settings.private_users.reset();
    if (!value.empty()) {
        std::tie(draft.settings.private_users, draft.settings.private_users_range) =
            parse_private_users(value);
    }
}

Mode parse_boot(std::string_view value) {
    return parse_truth(value) ? Mode::Boot : Mode::Command;
}

std::string parse_link_journal(std::string_view value) {
    return parse_choice(value, {"no", "auto", "host", "try-host", "guest", "try-guest"});
}

std::string parse_resolv_conf(std::string_view value) {
    return parse_choice(value,
                        {"off", "auto", "delete", "copy-host", "copy-static", "copy-uplink",
                         "copy-stub", "replace-host", "replace-static", "replace-uplink",
                         "replace-stub", "bind-host", "bind-static", "bind-uplink", "bind-stub"});
}

std::string parse_timezone(std::string_view value) {
    return parse_choice(value, {"off", "copy", "bind", "symlink", "delete", "auto"});
}

// Of NoNewPrivileges=, Private= and VirtualEthernet=.
bool is_yes(std::string_view value) {
    constexpr std::array<std::string_view, 4> kYes{"yes", "true", "on", "1"};
    return std::find(kYes.begin(), kYes.end(), value) != kYes.end();
}

bool is_private_range(std::string_view value) {
    return value == "pick" || is_yes(value);
}

using S = Settings;
using Spec = SettingSpec;

constexpr Spec limit(std::string_view name) {
    return {"Exec", name, "--rlimit", set_limit, kHostShare};
}

constexpr std::array kTable{
    Spec{"Exec", "Boot", "--boot", set_one<&S::mode, parse_boot>},
    Spec{"Exec", "Ephemeral", "--ephemeral", set_one<&S::ephemeral, parse_truth>},
    Spec{"Exec", "ProcessTwo", "--as-pid2", set_one<&S::as_pid2, parse_truth>},
    Spec{"Exec", "Parameters", "", add_all<&S::command, parse_words>},
    Spec{"Exec", "Environment", "--setenv", add_environment},
    Spec{"Exec", "User", "--user", set_one<&S::user, parse_user>},
    Spec{"Exec", "WorkingDirectory", "--chdir",
         set_one<&S::working_directory, parse_absolute_path>},
    Spec{"Exec", "PivotRoot", "--pivot-root", set_one<&S::pivot_root, parse_pivot_root>,
         "put another directory in the root's place"},
    Spec{"Exec", "Capability", "--capability", add_all<&S::add_capabilities, parse_capabilities>,
         kMorePrivileges},
    Spec{"Exec", "DropCapability", "--drop-capability",
         add_all<&S::drop_capabilities, parse_capabilities>},
    Spec{"Exec", "AmbientCapability", "--ambient-capability",
         add_all<&S::ambient_capabilities, parse_capabilities>, kMorePrivileges},
    Spec{"Exec", "NoNewPrivileges", "--no-new-privileges",
         set_one<&S::no_new_privileges, parse_truth>, kMorePrivileges, is_yes},
    Spec{"Exec", "KillSignal", "--kill-signal", set_one<&S::kill_signal, parse_signal_name>},
    Spec{"Exec", "Personality", "--personality", set_one<&S::personality, parse_personality>},
    Spec{"Exec", "MachineID", "--uuid", set_one<&S::machine_id, parse_machine_id>,
         "take an identity that the host has not given"},
    Spec{"Exec", "PrivateUsers", "--private-users", set_private_users,
         "give up the machine's own range of users, or take one that others have",
         is_private_range},
    Spec{"Exec", "NotifyReady", "--notify-ready", set_one<&S::notify_ready, parse_truth>,
         "decide for the host when the machine is ready"},
    Spec{"Exec", "SystemCallFilter", "--system-call-filter",
         add_one<&S::system_call_filter, parse_system_calls>,
         "change which system calls the host keeps from machines"},
    limit("LimitCPU"),
    limit("LimitFSIZE"),
    limit("LimitDATA"),
    limit("LimitSTACK"),
    limit("LimitCORE"),
    limit("LimitRSS"),
    limit("LimitNOFILE"),
    limit("LimitAS"),
    limit("LimitNPROC"),
    limit("LimitMEMLOCK"),
    limit("LimitLOCKS"),
    limit("LimitSIGPENDING"),
    limit("LimitMSGQUEUE"),
    limit("LimitNICE"),
    limit("LimitRTPRIO"),
    limit("LimitRTTIME"),
    Spec{"Exec", "OOMScoreAdjust", "--oom-score-adjust",
         set_one<&S::oom_score_adjust, parse_oom_score>, kHostShare},
    Spec{"Exec", "CPUAffinity", "--cpu-affinity", set_one<&S::cpu_affinity, parse_cpu_list>,
         kHostShare},
    Spec{"Exec", "Hostname", "--hostname", set_one<&S::hostname, parse_host_name>},
    Spec{"Exec", "ResolvConf", "--resolv-conf", set_one<&S::resolv_conf, parse_resolv_conf>,
         kHostFiles},
    Spec{"Exec", "Timezone", "--timezone", set_one<&S::timezone, parse_timezone>, kHostFiles},
    Spec{"Exec", "LinkJournal", "--link-journal", set_one<&S::link_journal, parse_link_journal>,
         "put the machine's journal among the host's"},
    Spec{"Exec", "SuppressSync", "--suppress-sync", set_one<&S::suppress_sync, parse_truth>,
         "lose what the machine has written when the host's power fails"},

    Spec{"Files", "ReadOnly", "--read-only", set_one<&S::read_only, parse_truth>},
    Spec{"Files", "Volatile", "--volatile", set_one<&S::is_volatile, parse_volatile>},
    Spec{"Files", "Bind", "--bind", add_mount<&S::binds, parse_bind, false>, kHostFiles},
    Spec{"Files", "BindReadOnly", "--bind-ro", add_mount<&S::binds, parse_bind, true>, kHostFiles},
    Spec{"Files", "BindUser", "--bind-user", add_one<&S::bind_users, parse_user>,
         "bring users of the host into the machine"},
    Spec{"Files", "TemporaryFileSystem", "--tmpfs",
         add_one<&S::temporary_file_systems, parse_temporary_file_system>, kHostShare},
    Spec{"Files", "Inaccessible", "--inaccessible", add_one<&S::inaccessible, parse_absolute_path>,
         "cover files that the administrator put there"},
    Spec{"Files", "Overlay", "--overlay", add_mount<&S::overlays, parse_overlay, false>,
         kHostFiles},
    Spec{"Files", "OverlayReadOnly", "--overlay-ro", add_mount<&S::overlays, parse_overlay, true>,
         kHostFiles},
    Spec{"Files", "PrivateUsersOwnership", "--private-users-ownership",
         set_one<&S::ownership, parse_ownership>, "change the owners in the stored image"},

    Spec{"Network", "Private", "--private-network",
         set_network_word<&NetworkWords::is_private, parse_truth>, kNoNetwork, is_yes},
    Spec{"Network", "VirtualEthernet", "--network-veth",
         set_network_word<&NetworkWords::veth, parse_truth>, kNoNetwork, is_yes},
    Spec{"Network", "VirtualEthernetExtra", "--network-veth-extra",
         add_one<&S::extra_veths, parse_extra_veth>, kOtherNetworks},
    Spec{"Network", "Interface", "--network-interface", add_links<HostLink::Kind::Interface>,
         "take an interface away from the host"},
    Spec{"Network", "MACVLAN", "--network-macvlan", add_links<HostLink::Kind::Macvlan>,
         kOtherNetworks},
    Spec{"Network", "IPVLAN", "--network-ipvlan", add_links<HostLink::Kind::Ipvlan>,
         kOtherNetworks},
    Spec{"Network", "Bridge", "--network-bridge",
         set_network_word<&NetworkWords::bridge, parse_interface>, kOtherNetworks},
    Spec{"Network", "Zone", "--network-zone", set_network_word<&NetworkWords::zone, parse_zone>,
         kOtherNetworks},
    Spec{"Network", "Port", "--port", add_one<&S::ports, parse_port>, "open ports of the host"},
};

} // namespace

std::span<const SettingSpec> setting_table() noexcept {
    return kTable;
}

const SettingSpec* find_setting(std::string_view section, std::string_view name) noexcept {
    const auto* found = std::find_if(kTable.begin(), kTable.end(), [&](const SettingSpec& spec) {
        return spec.section == section && spec.name == name;
    });
    return found == kTable.end() ? nullptr : found;
}

} // namespace slipway::machine
