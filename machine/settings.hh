// What a .nspawn file (systemd.nspawn(5)), or a person with flags, says of a machine. What is not
// said is empty, so that several speakers can be put one above the other (merge.hh).

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine_spec.hh"

namespace slipway::machine {

struct Settings {
    std::optional<Mode> mode;
    std::optional<bool> as_pid2;
    std::optional<bool> notify_ready;
    std::optional<bool> ephemeral;
    std::optional<Console> console;
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::optional<std::string> user;
    std::optional<std::string> working_directory;
    std::optional<std::string> hostname;
    std::optional<std::string> machine_id;
    std::optional<std::string> kill_signal;
    std::optional<std::string> personality;
    std::optional<std::string> pivot_root;

    std::optional<PrivateUsers> private_users;
    UserRange private_users_range;
    std::optional<Ownership> ownership;
    std::vector<std::string> add_capabilities;
    std::vector<std::string> drop_capabilities;
    std::vector<std::string> ambient_capabilities;
    std::optional<bool> no_new_privileges;
    std::vector<std::string> system_call_filter;
    std::map<std::string, std::string> limits;
    std::optional<int> oom_score_adjust;
    std::optional<std::string> cpu_affinity;
    std::optional<bool> suppress_sync;
    std::optional<std::string> link_journal;
    std::optional<std::string> resolv_conf;
    std::optional<std::string> timezone;
    std::map<std::string, std::string> credentials;

    std::optional<bool> read_only;
    std::optional<Volatile> is_volatile;
    std::vector<BindMount> binds;
    std::vector<OverlayMount> overlays;
    std::vector<std::string> temporary_file_systems;
    std::vector<std::string> inaccessible;
    std::vector<std::string> bind_users;

    std::optional<Network> network;
    std::string network_of;
    std::vector<HostLink> host_links;
    std::vector<std::string> extra_veths;
    std::vector<Port> ports;

    bool operator==(const Settings&) const = default;
};

enum class Trust {
    Full, ///< the administrator's: all of it counts
    None, ///< from a publisher, or anybody: only what gives the machine no more than it had
};

/// A line of a file that does not count.
struct IgnoredLine {
    unsigned line = 0;   ///< from 1; 0: the whole file
    std::string setting; ///< "Bind"; empty: it is no setting at all
    std::string reason;  ///< "it would show the machine files of the host"
    bool operator==(const IgnoredLine&) const = default;
};

struct SettingsFile {
    std::filesystem::path path;
    Trust trust = Trust::None;
    Settings settings;
    std::vector<IgnoredLine> ignored; ///< in the order of the file; settings nobody knows are here
};

/// "/pool/web.nspawn:3: Bind= is ignored: it would …", for people.
std::string text_of(const IgnoredLine& ignored, const std::filesystem::path& file);

/// Reads the text of a file. Of one without trust a line that is wrong is ignored like one that
/// asks for too much; of a trusted one it is an error, since what it was to keep away would come.
/// @param path  for messages
/// @throws Error InvalidArgument: "FILE:7: Boot=: …"
SettingsFile read_settings(std::string_view text, const std::filesystem::path& path, Trust trust);

} // namespace slipway::machine
