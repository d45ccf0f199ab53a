// Single items of the quota tree.

#include "volume/qgroup.hh"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include <endian.h>
#include <fmt/format.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>

#include "volume/subvolume.hh"
#include "volume/tree_search.hh"

namespace slipway::volume {
namespace {

constexpr std::uint64_t kId = (1ULL << BTRFS_QGROUP_LEVEL_SHIFT) - 1;

TreeRange items(std::uint64_t object, std::uint32_t type, std::uint64_t first, std::uint64_t last) {
    return {.tree = BTRFS_QUOTA_TREE_OBJECTID,
            .first = {object, type, first},
            .last = {object, type, last}};
}

template <typename Item>
std::optional<Item> find_item(int fd, std::uint32_t type, std::uint64_t offset) {
    std::optional<Item> found;
    visit_tree(fd, items(0, type, offset, offset),
               [&](const TreeKey& /*key*/, std::span<const char> bytes) {
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

/// The groups that one is put under. A relation stands under both ends; the level, in the high bits
/// of the number, tells which is the parent.
std::vector<std::uint64_t> parents_of(int fd, std::uint64_t group) {
    std::vector<std::uint64_t> parents;
    visit_tree(
        fd, items(group, BTRFS_QGROUP_RELATION_KEY, group + 1, kLastOffset),
        [&](const TreeKey& key, std::span<const char> /*item*/) { parents.push_back(key.offset); });
    return parents;
}

/// A subvolume's own qgroup and all above it.
std::vector<std::uint64_t> groups_over(int fd, std::uint64_t subvolume) {
    std::vector<std::uint64_t> groups = {subvolume};
    for (std::size_t i = 0; i < groups.size(); ++i) {
        for (const std::uint64_t parent : parents_of(fd, groups[i])) {
            if (std::find(groups.begin(), groups.end(), parent) == groups.end()) {
                groups.push_back(parent);
            }
        }
    }
    return groups;
}

void tighten(std::optional<Quota>& tightest, std::uint64_t group, std::uint64_t limit,
             std::uint64_t used) {
    const std::uint64_t left = limit > used ? limit - used : 0;
    if (!tightest || left < tightest->left_bytes) {
        tightest = Quota{"qgroup " + qgroup_text(group), limit, left};
    }
}

} // namespace

std::string qgroup_text(std::uint64_t group) {
    return fmt::format("{}/{}", group >> BTRFS_QGROUP_LEVEL_SHIFT, group & kId);
}

std::vector<std::uint64_t> subtree_groups(int fd) {
    if (!is_on(fd)) {
        return {};
    }
    const std::uint64_t subvolume = subvolume_id(fd);
    std::vector<std::uint64_t> groups = parents_of(fd, subvolume);
    std::erase_if(groups, [&](std::uint64_t group) { return (group & kId) != subvolume; });
    return groups;
}

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
