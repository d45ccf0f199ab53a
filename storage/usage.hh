// How much room an image takes, and how much it may take.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "storage/pool.hh"

namespace slipway::storage {

/// What is not known, or not limited, is absent. Bytes.
struct Usage {
    std::optional<std::uint64_t> total;           ///< on the disk, shared blocks included
    std::optional<std::uint64_t> exclusive;       ///< that no other image shares
    std::optional<std::uint64_t> limit;           ///< of `total`
    std::optional<std::uint64_t> exclusive_limit; ///< of `exclusive`
    /// When a walk found `total`, if something may have changed since; nothing: it is so now.
    std::optional<std::chrono::sys_seconds> as_of;
};

/// What is known without walking a tree: of a disk its blocks and size, of a device its size, of a
/// subvolume what btrfs quota counts where it is on.
Usage known_usage(const Image& image) noexcept;

} // namespace slipway::storage
