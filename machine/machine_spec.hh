// What a machine shall be, as the caller and the image's settings say together: pure data. How an
// engine is asked for it is launch_plan.hh's.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "machine/first_boot.hh"
#include "storage/image_name.hh"
#include "storage/pool.hh"

namespace slipway::machine {

enum class Mode {
    Boot,    ///< the image's init is PID 1
    Command, ///< `command` runs, as PID 2 under a stub init or as PID 1
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
    User,      ///< of a virtual machine: its connections are the host's own, without a link
};

/// What a virtual machine's disk is started by.
enum class Firmware { Uefi, Bios };

/// Who runs a virtual machine's instructions.
enum class Accelerator {
    Kvm,
    Tcg, ///< qemu itself, many times slower
};

/// What only a virtual machine has.
struct Hardware {
    std::uint64_t memory_bytes = std::uint64_t{2} << 30;
    unsigned cpus = 1;
    std::optional<Firmware> firmware;       ///< nothing: what the disk is made for
    std::optional<Accelerator> accelerator; ///< nothing: KVM where it works
    bool operator==(const Hardware&) const = default;
};

enum class PrivateUsers {
    Pick, ///< a range of its own, through an idmapped mount: the image is never chowned
    No,
    Identity,
    Range, ///< `private_users_range`
};

/// How files of the image come to belong to private users.
enum class Ownership {
    Map,   ///< by an idmapped mount
    Chown, ///< on the disk: of an ephemeral machine's clone alone
    Off,   ///< they do already
};

struct UserRange {
    std::uint32_t base = 0;
    std::uint32_t count = 65536;
    bool operator==(const UserRange&) const = default;
};

enum class Volatile { No, State, Yes, Overlay };

/// What standard input and output of the machine are.
enum class Console {
    Terminal, ///< a pseudo terminal
    Pipe,     ///< the engine's own three descriptors, each apart; not for Mode::Boot
};

/// A path of the host in the machine. Paths as they are, without the engine's escapes.
struct BindMount {
    std::string source; ///< "+/path" is the image's own; empty: a directory made for it in /var/tmp
    std::string target;
    std::string options; ///< systemd-nspawn's: "rbind", "idmap"…; empty: none
    bool read_only = false;
    bool operator==(const BindMount&) const = default;
};

struct OverlayMount {
    /// Lowest first, at least one, as BindMount::source. The last takes what is written; when it is
    /// empty, that is gone with the machine.
    std::vector<std::string> layers;
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

/// An interface of the host's that the machine gets beside its network.
struct HostLink {
    enum class Kind {
        Interface, ///< itself
        Macvlan,   ///< a new one on it
        Ipvlan,
    };
    Kind kind = Kind::Interface;
    std::string host;
    std::string
        machine; ///< its name there; empty: the host's, "mv-" or "iv-" in front of a new one
    bool operator==(const HostLink&) const = default;
};

struct MachineSpec {
    std::string name; ///< of the machine: a host name, by default the image's name
    std::string image;
    std::filesystem::path root; ///< tree, or disk
    storage::ImageType type = storage::ImageType::Directory;

    Mode mode = Mode::Boot;
    std::vector<std::string> command; ///< of Mode::Command; of Boot: arguments of init
    bool as_pid2 = false;
    bool notify_ready = true; ///< of Mode::Boot: ready is when init says so, not when it runs
    Console console = Console::Terminal;
    bool ephemeral = false;
    std::filesystem::path clone; ///< of an ephemeral machine: of `root`, made by our store
    std::string user;
    std::string working_directory;
    std::map<std::string, std::string> environment;
    std::string hostname;
    std::string machine_id;
    std::string kill_signal; ///< "SIGRTMIN+3"; empty: the init's own
    std::string personality;
    std::string pivot_root; ///< "NEW" or "NEW:OLD"

    PrivateUsers private_users = PrivateUsers::Pick;
    UserRange private_users_range;
    Ownership ownership = Ownership::Map;
    std::vector<std::string> add_capabilities; ///< "CAP_NET_ADMIN"
    std::vector<std::string> drop_capabilities;
    std::vector<std::string> ambient_capabilities;
    bool no_new_privileges = false;
    std::vector<std::string> system_call_filter; ///< lists as the engine reads them: "~@mount bpf"
    std::map<std::string, std::string> limits;   ///< "NOFILE" → "512:1024"
    std::optional<int> oom_score_adjust;
    std::string cpu_affinity;
    bool suppress_sync = false;
    std::string link_journal;
    std::string resolv_conf;
    std::string timezone;
    std::map<std::string, std::string> credentials;

    bool read_only = false;
    Volatile is_volatile = Volatile::No;
    std::vector<BindMount> binds;
    std::vector<OverlayMount> overlays;
    std::vector<std::string> temporary_file_systems; ///< "/path:options", with the engine's escapes
    std::vector<std::string> inaccessible;
    std::vector<std::string> bind_users; ///< users of the host that are users of the machine, too

    Network network = Network::Veth;
    std::string network_of;
    std::vector<HostLink> host_links;
    std::vector<std::string> extra_veths; ///< "host:machine"
    std::vector<Port> ports;

    Hardware hardware;
    std::optional<FirstBoot> first_boot; ///< of a virtual machine; nothing: it is told nothing

    std::string root_hash; ///< that came with a disk; empty: none

    /// Something here is said neither by the defaults nor by a file that the host's own unit for
    /// machines reads and trusts.
    bool is_special = false;
};

/// Whether its users have numbers of their own on the host.
inline bool shifts_users(const MachineSpec& spec) noexcept {
    return spec.private_users == PrivateUsers::Pick || spec.private_users == PrivateUsers::Range;
}

} // namespace slipway::machine
