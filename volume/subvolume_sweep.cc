// One pass over the root tree (linux/btrfs_tree.h): a ROOT_ITEM tells of each subvolume, the
// ROOT_BACKREF beside it in which directory of which subvolume it lies, and under which name.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/stat.h>

#include "volume/subvolume.hh"
#include "volume/tree_search.hh"

namespace slipway::volume {
namespace {

std::int64_t microseconds(const btrfs_timespec& time) noexcept {
    return static_cast<std::int64_t>(le64toh(time.sec)) * 1'000'000 + le32toh(time.nsec) / 1'000;
}

SubvolumeInfo read_root_item(std::uint64_t id, std::span<const char> bytes) {
    btrfs_root_item item{}; // file systems made long ago have shorter ones
    std::memcpy(&item, bytes.data(), std::min(bytes.size(), sizeof item));
    return {.id = id,
            .uuid = std::to_array(item.uuid),
            .generation = le64toh(item.generation),
            .made_in = le64toh(item.otransid),
            .read_only = (le64toh(item.flags) & BTRFS_ROOT_SUBVOL_RDONLY) != 0,
            .created_us = microseconds(item.otime),
            .changed_us = microseconds(item.ctime)};
}

} // namespace

std::optional<std::map<std::string, SubvolumeInfo, std::less<>>> subvolumes_in(int directory) {
    struct stat place {};
    const std::optional<SubvolumeInfo> around = find_subvolume_info(directory);
    if (!around || ::fstat(directory, &place) < 0) {
        return std::nullopt;
    }
    std::map<std::string, SubvolumeInfo, std::less<>> found;
    SubvolumeInfo last;
    const TreeRange all{.tree = BTRFS_ROOT_TREE_OBJECTID,
                        .first = {BTRFS_FIRST_FREE_OBJECTID, BTRFS_ROOT_ITEM_KEY, 0},
                        .last = {static_cast<std::uint64_t>(BTRFS_LAST_FREE_OBJECTID),
                                 BTRFS_ROOT_BACKREF_KEY, kLastOffset}};
    const bool allowed =
        visit_tree(directory, all, [&](const TreeKey& key, std::span<const char> bytes) {
            if (key.type == BTRFS_ROOT_ITEM_KEY) {
                last = read_root_item(key.object, bytes);
            } else if (key.type == BTRFS_ROOT_BACKREF_KEY && key.offset == around->id &&
                       key.object == last.id && bytes.size() >= sizeof(btrfs_root_ref)) {
                btrfs_root_ref ref{};
                std::memcpy(&ref, bytes.data(), sizeof ref);
                const std::span<const char> name = bytes.subspan(sizeof ref);
                if (le64toh(ref.dirid) == place.st_ino && name.size() == le16toh(ref.name_len)) {
                    found.emplace(std::string(name.begin(), name.end()), last);
                }
            }
        });
    if (!allowed) {
        return std::nullopt;
    }
    return found;
}

} // namespace slipway::volume
