// Whether a file system takes idmapped mounts (mount_setattr(2)).

#pragma once

#include <filesystem>

namespace slipway::machine {

/// Tried on a mount of `directory` that is attached nowhere and gone at once. False as well when we
/// may not try.
bool can_map_ids(const std::filesystem::path& directory);

} // namespace slipway::machine
