// Mounts in the way of a removal, or in a tree that is brought in.

#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace slipway::volume {

/// The first mount point at or below `path` (absolute, resolved) in our mount namespace.
std::optional<std::filesystem::path> find_mount_below(const std::filesystem::path& path);

/// All mount points below `path`, not at it, in order and each once; relative to it.
std::vector<std::filesystem::path> mounts_below(const std::filesystem::path& path);

/// Whether the open directory is the top of a file system, and of a mount that shows all of it.
bool is_whole_file_system(int directory);

} // namespace slipway::volume
