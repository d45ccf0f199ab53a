// Finds out what of the host a launch depends on.

#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// sd_booted(3), and its bus answers.
bool runs_systemd();

/// Runs `systemd-nspawn --version`, tries the file system, and looks at /proc, /run and /sys.
/// @param root  the image. Nobody knows the file system in a disk before it is mounted: such a one
/// is
///              said to map owners, and the engine refuses if it does not
HostFacts find_host_facts(const std::filesystem::path& root, storage::ImageType type);

struct CgroupMounts {
    bool is_unified = false;                  ///< cgroup2 alone
    std::vector<std::filesystem::path> roots; ///< cgroup2, and name=systemd where that is mounted
    bool operator==(const CgroupMounts&) const = default;
};

/// @param mounts  as /proc/self/mounts has them: "DEVICE PATH TYPE OPTIONS …"
CgroupMounts read_cgroup_mounts(std::string_view mounts);

/// 252 of "systemd 252 (252.39-1~deb12u2)…"; 0: it says nothing of the kind.
unsigned read_systemd_version(std::string_view text) noexcept;

} // namespace slipway::machine
