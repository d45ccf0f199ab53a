// Speakers are put on from the lowest to the highest, each over the one before.

#include "machine/merge.hh"

#include <algorithm>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/setting_values.hh"

namespace slipway::machine {
namespace {

template <typename Value>
void put(Value& onto, const std::optional<Value>& said) {
    onto = said ? *said : onto;
}

template <typename Value>
void put(std::vector<Value>& onto, const std::vector<Value>& said) {
    onto = said.empty() ? onto : said;
}

void put(std::map<std::string, std::string>& onto, const std::map<std::string, std::string>& said) {
    for (const auto& [name, value] : said) {
        onto[name] = value;
    }
}

void put_mode(MachineSpec& spec, const Settings& said) {
    if (said.mode || said.as_pid2) {
        spec.mode = said.mode.value_or(said.as_pid2 == true ? Mode::Command : Mode::Boot);
        // A stub init suits all commands but those that are made to be PID 1.
        spec.as_pid2 = said.as_pid2.value_or(spec.mode == Mode::Command);
    }
    put(spec.command, said.command);
    put(spec.notify_ready, said.notify_ready);
    put(spec.console, said.console);
    put(spec.ephemeral, said.ephemeral);
    put(spec.user, said.user);
    put(spec.working_directory, said.working_directory);
    put(spec.environment, said.environment);
    put(spec.hostname, said.hostname);
    put(spec.machine_id, said.machine_id);
    put(spec.kill_signal, said.kill_signal);
    put(spec.personality, said.personality);
    put(spec.pivot_root, said.pivot_root);
}

void drop(std::vector<std::string>& dropped, const std::vector<std::string>& more,
          const std::vector<std::string>& added) {
    std::erase_if(dropped, [&](const std::string& name) {
        return std::find(added.begin(), added.end(), name) != added.end();
    });
    dropped.insert(dropped.end(), more.begin(), more.end());
}

void put_privileges(MachineSpec& spec, const Settings& said) {
    if (said.private_users) {
        spec.private_users = *said.private_users;
        spec.private_users_range = said.private_users_range;
    }
    put(spec.ownership, said.ownership);
    put(spec.add_capabilities, said.add_capabilities);
    drop(spec.drop_capabilities, said.drop_capabilities, said.add_capabilities);
    put(spec.ambient_capabilities, said.ambient_capabilities);
    put(spec.no_new_privileges, said.no_new_privileges);
    spec.system_call_filter.insert(spec.system_call_filter.end(), said.system_call_filter.begin(),
                                   said.system_call_filter.end());
    put(spec.limits, said.limits);
    spec.oom_score_adjust = said.oom_score_adjust ? said.oom_score_adjust : spec.oom_score_adjust;
    put(spec.cpu_affinity, said.cpu_affinity);
    put(spec.suppress_sync, said.suppress_sync);
    put(spec.link_journal, said.link_journal);
    put(spec.resolv_conf, said.resolv_conf);
    put(spec.timezone, said.timezone);
    put(spec.credentials, said.credentials);
}

void put_files(MachineSpec& spec, const Settings& said) {
    put(spec.read_only, said.read_only);
    put(spec.is_volatile, said.is_volatile);
    put(spec.binds, said.binds);
    put(spec.overlays, said.overlays);
    put(spec.temporary_file_systems, said.temporary_file_systems);
    put(spec.inaccessible, said.inaccessible);
    put(spec.bind_users, said.bind_users);
}

void put_network(MachineSpec& spec, const Settings& said) {
    if (said.network) {
        spec.network = *said.network;
        spec.network_of = said.network_of;
        spec.host_links = said.host_links;
        spec.extra_veths = said.extra_veths;
        spec.ports = said.ports;
        return;
    }
    put(spec.ports, said.ports);
}

void put_on(MachineSpec& spec, const Settings& said) {
    put_mode(spec, said);
    put_privileges(spec, said);
    put_files(spec, said);
    put_network(spec, said);
}

void check_mode(const MachineSpec& spec) {
    if (spec.mode == Mode::Boot && spec.as_pid2) {
        throw Error(Kind::InvalidArgument,
                    "the machine {} cannot both boot (Boot=, --boot) and run a command as PID 2 "
                    "(ProcessTwo=, --as-pid2)",
                    quoted(spec.name));
    }
    if (spec.mode == Mode::Boot && spec.console == Console::Pipe) {
        throw Error(Kind::InvalidArgument, "the machine {} boots, which needs a console",
                    quoted(spec.name));
    }
    if (spec.mode == Mode::Command && spec.command.empty()) {
        throw Error(Kind::InvalidArgument,
                    "the machine {} does not boot, and no command is given; give one, or --boot",
                    quoted(spec.name));
    }
}

void check_users(const MachineSpec& spec) {
    const bool gives_away = spec.ownership == Ownership::Chown && shifts_users(spec);
    if (gives_away && !spec.ephemeral) {
        throw Error(Kind::InvalidArgument,
                    "the files of the image {} are not given to other owners "
                    "(PrivateUsersOwnership=chown); use 'map', or --ephemeral",
                    quoted(spec.image));
    }
    if (gives_away && (spec.read_only || spec.is_volatile != Volatile::No)) {
        throw Error(Kind::InvalidArgument,
                    "PrivateUsersOwnership=chown writes, which excludes ReadOnly= and Volatile=");
    }
    if (!spec.bind_users.empty() && !shifts_users(spec)) {
        throw Error(Kind::InvalidArgument, "BindUser= needs private users");
    }
}

// It becomes a file's name, and ends at a colon where the engine is told of it.
void check_credential(std::string_view name) {
    const bool wrong = std::any_of(name.begin(), name.end(), [](char byte) {
        return byte <= ' ' || byte == '\x7F' || byte == '/' || byte == ':';
    });
    if (name.empty() || name.size() > 255 || name.front() == '.' || wrong) {
        throw Error(Kind::InvalidArgument, "{} is no name for a credential", quoted(name));
    }
}

void check(const MachineSpec& spec) {
    if (!is_host_name(spec.name)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no name for a machine; expected letters, digits, '-', '_' and '.', at "
                    "most 64. Give one with --machine",
                    quoted(spec.name));
    }
    check_mode(spec);
    check_users(spec);
    for (const auto& [name, value] : spec.credentials) {
        check_credential(name);
    }
    if (!spec.ports.empty() && spec.network == Network::Host) {
        throw Error(Kind::InvalidArgument,
                    "the machine {} has the host's network, where no port needs forwarding; leave "
                    "out Port= (--port), or give it a network of its own",
                    quoted(spec.name));
    }
}

} // namespace

MachineSpec merge(MachineSpec image, const Settings& flags, const SettingsFile& file) {
    put_on(image, file.settings);
    put_on(image, flags);
    // What a file without trust says is read as we read it, also where the answer is "nothing".
    const bool is_doubtful =
        file.trust == Trust::None && (file.settings != Settings() || !file.ignored.empty());
    image.is_special = flags != Settings() || is_doubtful;
    check(image);
    return image;
}

} // namespace slipway::machine
