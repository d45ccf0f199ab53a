// Whether a disk boots as a container, as a virtual machine, as both or not at all: a judgement
// over what was looked at, for a host of one architecture.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "disk/disk_facts.hh"

namespace slipway::disk {

/// One way in which an image can be started, or not.
struct Way {
    bool works = false;
    std::string why{};    ///< a word for programs: "root-partition"; docs/machines.md has them all
    std::string reason{}; ///< a clause for people: "partition 2 is a root for x86-64, with ext4"
    bool operator==(const Way&) const = default;
};

struct BootWays {
    Way container{};
    Way machine{};
    std::vector<std::string> firmware{}; ///< with which the machine boots: "uefi", "bios"
    bool operator==(const BootWays&) const = default;
};

/// As systemd-nspawn --image and systemd-dissect choose the root (Discoverable Partitions
/// Specification), and as firmware that knows nothing of the disk finds a loader (UEFI
/// specification 2.10, §3.5).
/// @param machine  what uname(2) calls the host: "x86_64"
BootWays judge_boot_ways(const DiskFacts& facts, std::string_view machine);

} // namespace slipway::disk
