// BTRFS_IOC_TREE_SEARCH over the quota tree (linux/btrfs_tree.h): libbtrfsutil has no qgroups.

#include "volume/qgroup.hh"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <endian.h>
#include <fmt/format.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include "volume/subvolume.hh"

namespace slipway::volume {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

/// Which items of the quota tree: those of one object and type, within a range of offsets.
struct Items {
    std::uint64_t object = 0;
    std::uint32_t type = 0;
    std::uint64_t first = 0;
    std::uint64_t last = kMax;
};

using Visit = std::function<void(std::uint64_t offset, std::span<const char> item)>;

/// False when the tree cannot be read: quota is off, or we may not.
bool visit_items(int fd, Items items, const Visit& visit) {
    for (;;) {
        btrfs_ioctl_search_args args{};
        args.key.tree_id = BTRFS_QUOTA_TREE_OBJECTID;
        args.key.min_objectid = args.key.max_objectid = items.object;
        args.key.min_type = args.key.max_type = items.type;
        args.key.min_offset = items.first;
        args.key.max_offset = items.last;
        args.key.max_transid = kMax;
        args.key.nr_items = std::numeric_limits<std::uint32_t>::max();
        if (::ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0) {
            return false;
        }
        std::size_t at = 0;
        btrfs_ioctl_search_header header{};
        for (std::uint32_t i = 0; i < args.key.nr_items; ++i) {
            std::memcpy(&header, args.buf + at, sizeof header);
            visit(header.offset, {args.buf + at + sizeof header, header.len});
            at += sizeof header + header.len;
        }
        if (args.key.nr_items == 0 || header.offset >= items.last) {
            return true;
        }
        items.first = header.offset + 1;
    }
}

template <typename Item>
std::optional<Item> find_item(int fd, std::uint32_t type, std::uint64_t offset) {
    std::optional<Item> found;
    visit_items(fd, {.object = 0, .type = type, .first = offset, .last = offset},
                [&](std::uint64_t /*offset*/, std::span<const char> bytes) {
                    if (bytes.size() >= sizeof(Item)) {
                        std::memcpy(&found.emplace(), bytes.data(), sizeof(Item));
                    }
                });
    return found;
}

bool is_on(int fd) {
    const auto status = find_item<btrfs_qgroup_status_item>(fd, BTRFS_QGROUP_STATUS_KEY, 0);
    return status && (le64toh(status->flags) & BTRFS_QGROUP_STATUS_FLAG_ON) != 0;
}

/// A subvolume's own qgroup and all above it. A relation stands under both ends; the level, in the
/// high bits of the number, tells which is the parent.
std::vector<std::uint64_t> groups_over(int fd, std::uint64_t subvolume) {
    std::vector<std::uint64_t> groups = {subvolume};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const Items above{.object = groups[i],
                          .type = BTRFS_QGROUP_RELATION_KEY,
                          .first = groups[i] + 1,
                          .last = kMax};
        visit_items(fd, above, [&](std::uint64_t parent, std::span<const char> /*item*/) {
            if (std::find(groups.begin(), groups.end(), parent) == groups.end()) {
                groups.push_back(parent);
            }
        });
    }
    return groups;
}

void tighten(std::optional<Quota>& tightest, std::uint64_t group, std::uint64_t limit,
             std::uint64_t used) {
    const std::uint64_t left = limit > used ? limit - used : 0;
    if (!tightest || left < tightest->left_bytes) {
        tightest = Quota{fmt::format("qgroup {}/{}", group >> BTRFS_QGROUP_LEVEL_SHIFT,
                                     group & ((1ULL << BTRFS_QGROUP_LEVEL_SHIFT) - 1)),
                         limit, left};
    }
}

} // namespace

std::optional<Quota> find_tightest_qgroup(int fd) {
    std::optional<Quota> tightest;
    if (!is_on(fd)) {
        return tightest;
    }
    for (const std::uint64_t group : groups_over(fd, subvolume_id(fd))) {
        const auto limit = find_item<btrfs_qgroup_limit_item>(fd, BTRFS_QGROUP_LIMIT_KEY, group);
        const auto info = find_item<btrfs_qgroup_info_item>(fd, BTRFS_QGROUP_INFO_KEY, group);
        if (!limit || !info) {
            continue;
        }
        const std::uint64_t flags = le64toh(limit->flags);
        if ((flags & BTRFS_QGROUP_LIMIT_MAX_RFER) != 0) {
            tighten(tightest, group, le64toh(limit->max_rfer), le64toh(info->rfer));
        }
        if ((flags & BTRFS_QGROUP_LIMIT_MAX_EXCL) != 0) {
            tighten(tightest, group, le64toh(limit->max_excl), le64toh(info->excl));
        }
    }
    return tightest;
}

} // namespace slipway::volume
