// A launch before it is one: everything that an engine is started with, and what has to be undone
// after it, as a value. Making it asks nobody and changes nothing.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "spawn/machine_spec.hh"

namespace slipway::spawn {

enum class EngineKind {
    NspawnUnit,   ///< systemd-nspawn@NAME.service or a transient unit, by the host's systemd
    NspawnDirect, ///< systemd-nspawn under slipway-supervise
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
};

/// One thing that stays when its machine is gone, and how it goes. In order, last made first gone.
struct Undo {
    enum class Kind {
        Unmount,      ///< `what` is a mount point of ours
        RemoveCgroup, ///< and kill who is in it
        RemoveImage,  ///< the clone of an ephemeral machine
        RemoveLink,   ///< a network interface of the host
        RemoveTable,  ///< an nft table
        RemoveDirectory,
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
};

/// @throws Error Unsupported: the host lacks what the machine needs (names it, and the package);
///         InvalidArgument: the parts of the specification exclude each other
LaunchPlan plan_launch(const MachineSpec& spec, const HostFacts& host, EngineKind engine);

/// The engine that a host can be asked for.
/// @throws Error Unsupported: none; names the package
EngineKind choose_engine(const HostFacts& host);

} // namespace slipway::spawn
