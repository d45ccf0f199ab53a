// No file of settings is left for the engine to read (--settings=no): they were read by us, with
// what of them counts, and where it reads them itself it lets a file win over a flag or drops the
// whole [Network] section, which puts the machine into the host's network.

#include "machine/nspawn_arguments.hh"

#include <fmt/ranges.h>

#include "machine/setting_mounts.hh"

namespace slipway::machine {
namespace {

class Flags {
public:
    template <typename... Args>
    void add(fmt::format_string<Args...> text, Args&&... args) {
        list_.push_back(fmt::format(text, std::forward<Args>(args)...));
    }
    void add_if(bool wanted, std::string_view flag) {
        if (wanted) {
            list_.emplace_back(flag);
        }
    }
    /// "--flag=value"; nothing when the value is empty.
    void add_value(std::string_view flag, std::string_view value) {
        if (!value.empty()) {
            add("{}={}", flag, value);
        }
    }
    void add_each(std::string_view flag, const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            add("{}={}", flag, value);
        }
    }
    std::vector<std::string> take() && { return std::move(list_); }

private:
    std::vector<std::string> list_;
};

void add_mode(Flags& flags, const MachineSpec& spec) {
    flags.add("--machine={}", spec.name);
    if (spec.mode == Mode::Boot) {
        flags.add("--boot");
        flags.add("--notify-ready={}", spec.notify_ready ? "yes" : "no");
        flags.add("--kill-signal={}", spec.kill_signal.empty() ? "SIGRTMIN+3" : spec.kill_signal);
    } else {
        flags.add_if(spec.as_pid2, "--as-pid2");
        flags.add_value("--kill-signal", spec.kill_signal);
    }
    flags.add_if(spec.console == Console::Pipe, "--console=pipe");
    flags.add_value("--hostname", spec.hostname);
    flags.add_value("--uuid", spec.machine_id);
    flags.add_value("--user", spec.user);
    flags.add_value("--chdir", spec.working_directory);
    flags.add_value("--personality", spec.personality);
    flags.add_value("--pivot-root", spec.pivot_root);
    for (const auto& [name, value] : spec.environment) {
        flags.add("--setenv={}={}", name, value);
    }
}

std::string_view ownership_word(const MachineSpec& spec) {
    // overlayfs takes no idmapped mount; what the engine then gives away is a layer in memory.
    if (spec.is_volatile == Volatile::Overlay) {
        return "auto";
    }
    return spec.ownership == Ownership::Map     ? "map"
           : spec.ownership == Ownership::Chown ? "chown"
                                                : "off";
}

// Never -U, which goes on without private users where the kernel has none.
void add_users(Flags& flags, const MachineSpec& spec) {
    switch (spec.private_users) {
    case PrivateUsers::No:
        flags.add("--private-users=no");
        return;
    case PrivateUsers::Identity:
        flags.add("--private-users=identity");
        return;
    case PrivateUsers::Pick:
        flags.add("--private-users=pick");
        break;
    case PrivateUsers::Range:
        flags.add("--private-users={}:{}", spec.private_users_range.base,
                  spec.private_users_range.count);
        break;
    }
    flags.add("--private-users-ownership={}", ownership_word(spec));
}

void add_privileges(Flags& flags, const MachineSpec& spec) {
    add_users(flags, spec);
    flags.add_value("--capability", fmt::format("{}", fmt::join(spec.add_capabilities, ",")));
    flags.add_value("--drop-capability", fmt::format("{}", fmt::join(spec.drop_capabilities, ",")));
    flags.add_value("--ambient-capability",
                    fmt::format("{}", fmt::join(spec.ambient_capabilities, ",")));
    flags.add_if(spec.no_new_privileges, "--no-new-privileges=yes");
    flags.add_each("--system-call-filter", spec.system_call_filter);
    for (const auto& [name, value] : spec.limits) {
        flags.add("--rlimit=RLIMIT_{}={}", name, value);
    }
    if (spec.oom_score_adjust) {
        flags.add("--oom-score-adjust={}", *spec.oom_score_adjust);
    }
    flags.add_value("--cpu-affinity", spec.cpu_affinity);
    flags.add_if(spec.suppress_sync, "--suppress-sync=yes");
    flags.add_value("--link-journal", spec.link_journal);
    flags.add_value("--resolv-conf", spec.resolv_conf);
    flags.add_value("--timezone", spec.timezone);
}

// With private users the engine fails on its own --volatile=state ("Failed to set up ID mapped
// mounts: Device or resource busy", 252); read-only with a /var in memory is what that means.
void add_volatile(Flags& flags, const MachineSpec& spec) {
    const bool by_hand = spec.is_volatile == Volatile::State && shifts_users(spec);
    flags.add_if(spec.read_only || by_hand, "--read-only");
    if (by_hand) {
        flags.add("--tmpfs=/var");
    } else if (spec.is_volatile != Volatile::No) {
        flags.add("--volatile={}", spec.is_volatile == Volatile::State ? "state"
                                   : spec.is_volatile == Volatile::Yes ? "yes"
                                                                       : "overlay");
    }
}

void add_files(Flags& flags, const MachineSpec& spec) {
    add_volatile(flags, spec);
    for (const BindMount& bind : spec.binds) {
        std::vector<std::string> parts{bind.source, bind.target};
        if (!bind.options.empty()) {
            parts.push_back(bind.options);
        }
        flags.add("--bind{}={}", bind.read_only ? "-ro" : "", join_parts(parts));
    }
    for (const OverlayMount& overlay : spec.overlays) {
        std::vector<std::string> parts = overlay.layers;
        parts.push_back(overlay.target);
        flags.add("--overlay{}={}", overlay.read_only ? "-ro" : "", join_parts(parts));
    }
    flags.add_each("--tmpfs", spec.temporary_file_systems);
    flags.add_each("--inaccessible", spec.inaccessible);
    flags.add_each("--bind-user", spec.bind_users);
}

std::string_view link_flag(HostLink::Kind kind) {
    return kind == HostLink::Kind::Interface ? "--network-interface"
           : kind == HostLink::Kind::Macvlan ? "--network-macvlan"
                                             : "--network-ipvlan";
}

void add_network(Flags& flags, const MachineSpec& spec, const std::vector<HostLink>& links) {
    switch (spec.network) {
    case Network::Host:
        break; // what is left without a flag
    case Network::None:
    case Network::User: // none of a container's
    case Network::Macvlan:
    case Network::Interface:
        flags.add("--private-network");
        break;
    case Network::Veth:
    case Network::Nat:
        flags.add("--network-veth");
        break;
    case Network::Bridge:
        flags.add("--network-bridge={}", spec.network_of);
        break;
    case Network::Zone:
        flags.add("--network-zone={}", spec.network_of);
        break;
    }
    for (const HostLink& link : links) {
        flags.add("{}={}{}{}", link_flag(link.kind), link.host, link.machine.empty() ? "" : ":",
                  link.machine);
    }
    flags.add_each("--network-veth-extra", spec.extra_veths);
    for (const Port& port : spec.ports) {
        flags.add("--port={}:{}:{}", port.protocol, port.host, port.machine);
    }
}

} // namespace

std::vector<std::string> nspawn_flags(const MachineSpec& spec, const std::vector<HostLink>& links) {
    Flags flags;
    flags.add("--settings=no");
    add_mode(flags, spec);
    add_privileges(flags, spec);
    add_files(flags, spec);
    add_network(flags, spec, links);
    return std::move(flags).take();
}

std::vector<std::string> nspawn_command(const MachineSpec& spec) {
    std::vector<std::string> words;
    if (!spec.command.empty()) {
        words.emplace_back("--");
        words.insert(words.end(), spec.command.begin(), spec.command.end());
    }
    return words;
}

} // namespace slipway::machine
