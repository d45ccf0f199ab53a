// Reading btrfs' own trees (BTRFS_IOC_TREE_SEARCH_V2, linux/btrfs_tree.h): what libbtrfsutil has no
// call for, or only one for each subvolume.

#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>

namespace slipway::volume {

inline constexpr std::uint64_t kLastOffset = std::numeric_limits<std::uint64_t>::max();

/// The key of an item; items are in this order, member by member.
struct TreeKey {
    std::uint64_t object = 0;
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
    friend auto operator<=>(const TreeKey&, const TreeKey&) = default;
};

struct TreeRange {
    std::uint64_t tree = 0; ///< BTRFS_ROOT_TREE_OBJECTID …
    TreeKey first;
    TreeKey last;
};

/// Calls `visit` for every item of the range, in order. The bytes are little endian, and gone
/// afterwards.
/// @param fd  anything on the file system
/// @returns false when the tree is not there, or we may not look (CAP_SYS_ADMIN)
bool visit_tree(int fd, const TreeRange& range,
                const std::function<void(const TreeKey&, std::span<const char>)>& visit);

} // namespace slipway::volume
