// What a machine shall be, as the caller and the image's settings say together: pure data. How an
// engine is asked for it is launch_plan.hh's.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/image_name.hh"
#include "storage/pool.hh"

namespace slipway::spawn {

enum class Mode {
    Boot,    ///< the image's init is PID 1
    Command, ///< `command` is PID 2 under a stub init
};

enum class Network {
    None,      ///< loopback alone
    Host,      ///< the host's own: no isolation
    Veth,      ///< a link to the host; addresses are ours where no networkd serves them
    Nat,       ///< as Veth, and the host forwards and masquerades
    Bridge,    ///< `network_of` is the bridge
    Zone,      ///< `network_of` is the zone
    Macvlan,   ///< `network_of` is the host's interface
    Interface, ///< `network_of` is moved in
};

enum class PrivateUsers {
    Pick, ///< a range of its own, through an idmapped mount: the image is never chowned
    No,
    Identity,
};

enum class Volatile { No, State, Yes, Overlay };

/// A path of the host in the machine.
struct BindMount {
    std::string source;
    std::string target;
    std::string options; ///< systemd-nspawn's: "rbind", "idmap"…; empty: none
    bool read_only = false;
    bool operator==(const BindMount&) const = default;
};

struct OverlayMount {
    std::vector<std::string> layers; ///< at least one; "" is the image's own directory
    std::string target;
    bool read_only = false;
    bool operator==(const OverlayMount&) const = default;
};

struct Port {
    std::string protocol; ///< "tcp", "udp"
    std::uint16_t host = 0;
    std::uint16_t machine = 0;
    bool operator==(const Port&) const = default;
};

struct MachineSpec {
    std::string name; ///< of the machine: a host name, by default the image's name
    std::string image;
    std::filesystem::path root; ///< tree, or disk
    storage::ImageType type = storage::ImageType::Directory;

    Mode mode = Mode::Boot;
    std::vector<std::string> command; ///< of Mode::Command; of Boot: arguments of init
    bool as_pid2 = false;
    bool ephemeral = false;
    std::string user;
    std::string working_directory;
    std::map<std::string, std::string> environment;
    std::string hostname;
    std::string machine_id;
    std::string kill_signal; ///< "SIGRTMIN+3"; empty: the init's own
    std::string personality;

    PrivateUsers private_users = PrivateUsers::Pick;
    std::vector<std::string> add_capabilities; ///< "CAP_NET_ADMIN"
    std::vector<std::string> drop_capabilities;
    bool no_new_privileges = false;
    std::vector<std::string> system_call_filter;
    std::map<std::string, std::string> limits; ///< "NOFILE" → "512:1024"
    std::string cpu_affinity;
    std::string link_journal;
    std::string resolv_conf;
    std::string timezone;
    std::map<std::string, std::string> credentials;

    bool read_only = false;
    Volatile is_volatile = Volatile::No;
    std::vector<BindMount> binds;
    std::vector<OverlayMount> overlays;
    std::vector<std::string> temporary_file_systems; ///< "/path:options"

    Network network = Network::Veth;
    std::string network_of;
    std::vector<std::string> extra_veths; ///< "host:machine"
    std::vector<Port> ports;

    std::string root_hash; ///< that came with a disk; empty: none
};

} // namespace slipway::spawn
