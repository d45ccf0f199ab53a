// The file system under a file or directory, and what of it is to be had.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "volume/qgroup.hh"

namespace slipway::volume {

/// What else it offers is probed (storage/features.hh).
struct FileSystem {
    std::string type; ///< "ext4", "xfs", "btrfs", "tmpfs", "overlayfs", else hex magic
    bool read_only = false;
    bool subvolumes = false; ///< btrfs
    /// For us: with root's reserve when we are root, and no more than quota leaves. Project quota
    /// of ext4 and xfs is what statfs(2) shows of its directories.
    std::uint64_t free_bytes = 0;
    std::uint64_t size_bytes = 0;
    std::optional<std::uint64_t> free_inodes; ///< nothing where there is no such limit (btrfs)
    std::optional<Quota> quota;               ///< the one that leaves less than the volume has
};

/// @param path  for messages
/// @throws Error
FileSystem file_system_of(int fd, const std::filesystem::path& path);

/// For refusals for want of space: "'/pool' (ext4) has 12K of 8.0M and 3 inodes free", or
/// "'/pool' (btrfs) has 12K of 8.0M left by the quota of qgroup 0/257".
std::string space_text(const FileSystem& file_system, const std::filesystem::path& path);

} // namespace slipway::volume
