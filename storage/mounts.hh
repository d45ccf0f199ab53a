// Mounts in the way of a removal.

#pragma once

#include <filesystem>
#include <optional>

namespace slipway::storage {

/// The first mount point at or below `path` (absolute, resolved) in our mount namespace.
std::optional<std::filesystem::path> find_mount_below(const std::filesystem::path& path);

} // namespace slipway::storage
