// A launch before it is one: everything that an engine is started with, and what has to be undone
// after it, as a value. Making it asks nobody and changes nothing.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine_spec.hh"
#include "storage/pool.hh"

namespace slipway::machine {

enum class EngineKind {
    NspawnUnit,   ///< systemd-nspawn@NAME.service or a transient unit, by the host's systemd
    NspawnDirect, ///< systemd-nspawn under slipway-supervise
    Qemu,         ///< a virtual machine, under slipway-supervise
};

/// What of the host a plan depends on, found out before (host_facts.cc).
struct HostFacts {
    bool runs_systemd = false;                       ///< sd_booted(3), and its bus answers
    std::filesystem::path nspawn;                    ///< empty: not installed
    std::filesystem::path dissect;                   ///< systemd-dissect(1); empty: not installed
    unsigned systemd_version = 0;                    ///< of systemd-nspawn
    bool is_unified_cgroup = false;                  ///< cgroup2 alone
    std::vector<std::filesystem::path> cgroup_roots; ///< where a machine gets a cgroup: cgroup2,
                                                     ///< and name=systemd where that is mounted
    bool can_map_ids = false;  ///< the image's file system takes idmapped mounts
    bool has_networkd = false; ///< serves the host side of veth links
    bool has_resolved =
        false; ///< the host's resolv.conf may name a server that is the host's alone
    std::filesystem::path qemu;               ///< qemu-system-x86_64; empty: not installed
    std::filesystem::path firmware_code;      ///< of UEFI (OVMF); empty: not installed
    std::filesystem::path firmware_variables; ///< what a new machine's begin with
    bool has_kvm = false;                     ///< it was found to work: kvm_works()
    std::filesystem::path machines = "/run/slipway/machines"; ///< running ones, a directory each
    /// What stays of machines from one start to the next, a directory each.
    std::filesystem::path kept = "/var/lib/slipway/machines";
    std::filesystem::path pool = storage::kDefaultPool; ///< where the host's own unit looks
};

/// Below a cgroup root: has a group for each machine.
inline constexpr const char* kCgroupOfMachines = "slipway";

/// One thing that stays when its machine is gone, and how it goes. Lists are in the order of
/// making: what was made last goes first.
struct Undo {
    enum class Kind {
        Unmount,         ///< `what` is a mount point of ours, with all that is mounted below it
        RemoveCgroup,    ///< and kill who is in it
        RemoveImage,     ///< the clone of an ephemeral machine
        RemoveLink,      ///< a network interface of the host, by its name or an alternative one
        RemoveBridge,    ///< of a zone, when it was the last one there
        ReleasePort,     ///< of the host, by protocol and number: "tcp 8080"; the link goes first
        RemoveTable,     ///< an nft table: "inet slipway-web"
        RemoveTree,      ///< a directory of ours with all that is in it
        RemoveDirectory, ///< an empty one: what could not be unmounted must not be emptied
    };
    Kind kind = Kind::Unmount;
    std::string what;
    bool operator==(const Undo&) const = default;
};

struct LaunchPlan {
    EngineKind engine = EngineKind::NspawnDirect;
    std::vector<std::string> arguments;         ///< argv of the engine
    std::vector<std::string> environment;       ///< "NAME=value": nothing else of ours is passed on
    std::vector<std::filesystem::path> cgroups; ///< made for it; its pid is written to each
    std::filesystem::path mount;                ///< where a disk is mounted first; empty: none
    std::vector<std::string> unit_properties;   ///< of a transient unit: "Name=value"
    std::string unit;                           ///< with NspawnUnit
    std::vector<Undo> undo;
    std::vector<std::string> notes; ///< for the person: what differs from what was asked for

    std::string machine;        ///< its name
    std::string image;          ///< the image's name
    std::filesystem::path root; ///< the image, tree or disk: locked as long as the machine is there
    /// `root` is made first, as a clone of this, and goes with the machine; empty: it is there.
    std::filesystem::path clone_of;
    bool shares_lock = false;                 ///< the image is only read: others may read it, too
    std::vector<std::string> mount_arguments; ///< argv of what mounts a disk at `mount`
    std::string poweroff_signal;              ///< of the settings; empty: the init's own
    /// Descriptors 3, 4 and 5 of slipway-supervise are the machine's standard ones (of a command
    /// that is not booted); else its console is a terminal of the supervisor's.
    bool passes_descriptors = false;
    bool boots = false; ///< exit status 133 is a reboot, and not a command's own
    /// Written first, 0600, in the machine's own directory, with which they go: what must not show
    /// in an argument list.
    std::map<std::filesystem::path, std::string> files;
    std::filesystem::path kept; ///< where its key and the like are, see kept_directory()
    /// Made as copies where they are not there yet, and kept: new → old.
    std::map<std::filesystem::path, std::filesystem::path> kept_copies;
    /// The disk by which it is told of its first boot, and the files on it; empty: none.
    std::filesystem::path seed_disk;
    std::map<std::string, std::string> seed_files;
    bool forwards_ssh = false; ///< a port of the host's loopback leads to its port 22
    std::string ssh_user;      ///< who may log in with the key that it was given
    std::string bridge;        ///< that the machine's own link `link` is put on; empty: none
    bool makes_bridge = false; ///< where it is missing: it is a zone's
    std::string link;          ///< a network interface of the host, made by the engine
    std::vector<HostLink> moved_links; ///< given to the leader's network namespace once it is there
    /// Both ends of the veth link get their addresses from us, once the leader is there.
    bool sets_addresses = false;
    bool masquerades = false; ///< and the host forwards for it, by the table of the undo list
};

/// "nspawn-unit", "nspawn-direct", "qemu".
std::string_view word(EngineKind engine) noexcept;
/// @throws Error InvalidArgument: there is no such engine; names those that there are
EngineKind parse_engine(std::string_view text);

/// @param spec  as merge() makes it
/// @throws Error Unsupported: the host lacks what the machine needs (names it, and the package), or
///         the engine does not do it;
///         InvalidArgument: an ephemeral machine without its clone
LaunchPlan plan_launch(const MachineSpec& spec, const HostFacts& host, EngineKind engine);

/// Whether somebody of ours has to stand by: for what is thrown away at the end, for a command's
/// status and descriptors.
bool needs_supervisor(const MachineSpec& spec) noexcept;

/// The engine for this machine on this host.
/// @throws Error Unsupported: none; names the package
EngineKind choose_engine(const MachineSpec& spec, const HostFacts& host);

} // namespace slipway::machine
