// Limiting how much room an image or a pool may take: by btrfs quota, the only thing that can.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/pool.hh"

namespace slipway::storage {

enum class EnableQuota { No, Yes };

/// Of the subvolume's qgroup; the one of its subtree where there is one.
/// @param limit_bytes  nothing: without limit
/// @returns for people: what else had to be done, a sentence without full stop; mostly empty
/// @throws Error  Unsupported: not a subvolume, or quota is off and may not be switched on
std::string limit_image(const Image& image, std::optional<std::uint64_t> limit_bytes,
                        EnableQuota enable);

/// Of the pool with all that is and will be in it: the qgroup 255/ID, where ID is the pool's own
/// subvolume, as systemd-machined makes it (docs/on-disk.md).
/// @throws Error  Unsupported: the pool is no subvolume, or quota is off and may not be switched on
std::string limit_pool(const Pool& pool, std::optional<std::uint64_t> limit_bytes,
                       EnableQuota enable);

} // namespace slipway::storage
