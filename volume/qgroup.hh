// What the quota of btrfs leaves. It is only read: never switched on, never changed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::volume {

struct Quota {
    std::string owner; ///< for people: "qgroup 0/257"
    std::uint64_t limit_bytes = 0;
    std::uint64_t left_bytes = 0;
};

/// Of the qgroups that count what is written into the subvolume of this file or directory (its own
/// and those above it) the one that leaves least. Nothing where quota is off or none has a limit,
/// or where we may not look (CAP_SYS_ADMIN). The figures are those of the last commit of the file
/// system: what is still in memory is not counted.
std::optional<Quota> find_tightest_qgroup(int fd);

/// "0/257".
std::string qgroup_text(std::uint64_t group);

/// The groups directly above the subvolume of this file or directory that bear its number: they
/// count it with what is made in it, as systemd-machined and storage/limit.hh make them. Empty
/// where quota is off, or where we may not look.
/// @throws Error
std::vector<std::uint64_t> subtree_groups(int fd);

} // namespace slipway::volume
