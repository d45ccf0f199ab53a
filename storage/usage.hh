// How much room images take, and how much they may take.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

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
/// subvolume what btrfs quota counts where it is on, nested subvolumes included.
Usage known_usage(const Image& image) noexcept;

enum class Walks {
    None,    ///< what was found before counts, however long ago
    Missing, ///< trees that were never walked are, as far as the patience goes
    All,     ///< every tree whose usage is not known to be as it was
};

struct UsageQuestion {
    Walks walks = Walks::None;
    std::chrono::milliseconds patience{1000}; ///< of Walks::Missing
    std::filesystem::path cache{};            ///< file of what was found; empty: none
    std::chrono::sys_seconds now{};
};

/// The usage of each image, in their order. Trees are walked in parallel. Of a subvolume it is
/// known that nothing has changed as long as its generation, and that of those nested in it, are
/// the same: then what was found in the last committed transaction is so now. What is found is
/// written to the cache; a cache that cannot be read or written is none.
/// @throws Canceled
std::vector<Usage> find_usage(const std::vector<Image>& images, const UsageQuestion& question,
                              const std::stop_token& stop);

/// The same of all that a pool holds, where quota counts it; its limit, see storage/limit.hh.
Usage pool_usage(const Pool& pool);

} // namespace slipway::storage
