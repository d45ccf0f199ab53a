// One pass over the quota tree, and ioctl_btrfs' calls for quota.

#include "volume/quota.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

#include "base/error.hh"
#include "volume/qgroup.hh"
#include "volume/tree_search.hh"

namespace slipway::volume {
namespace {

constexpr std::uint64_t kId = (1ULL << BTRFS_QGROUP_LEVEL_SHIFT) - 1;

// Of Linux 6.7; the headers of Debian 12 do not have them.
constexpr std::uint64_t kSimpleMode = 1ULL << 3;
constexpr std::uint64_t kEnableSimple = 4;

// With this as a limit the kernel takes the limit away.
constexpr std::uint64_t kClear = ~std::uint64_t{0};

template <typename Item>
Item read_as(std::span<const char> bytes) {
    Item item{};
    std::memcpy(&item, bytes.data(), std::min(bytes.size(), sizeof item));
    return item;
}

void read_status(std::span<const char> bytes, bool& on, QuotaTable& table) {
    const std::uint64_t flags = le64toh(read_as<btrfs_qgroup_status_item>(bytes).flags);
    on = (flags & BTRFS_QGROUP_STATUS_FLAG_ON) != 0 || (flags & kSimpleMode) != 0;
    table.simple = (flags & kSimpleMode) != 0;
    table.settled =
        (flags & (BTRFS_QGROUP_STATUS_FLAG_RESCAN | BTRFS_QGROUP_STATUS_FLAG_INCONSISTENT)) == 0;
}

void read_limits(std::span<const char> bytes, Qgroup& group) {
    const auto item = read_as<btrfs_qgroup_limit_item>(bytes);
    const std::uint64_t flags = le64toh(item.flags);
    if ((flags & BTRFS_QGROUP_LIMIT_MAX_RFER) != 0) {
        group.limit = le64toh(item.max_rfer);
    }
    if ((flags & BTRFS_QGROUP_LIMIT_MAX_EXCL) != 0) {
        group.exclusive_limit = le64toh(item.max_excl);
    }
}

bool control(int fd, std::uint64_t command) noexcept {
    btrfs_ioctl_quota_ctl_args args{};
    args.cmd = command;
    return ::ioctl(fd, BTRFS_IOC_QUOTA_CTL, &args) == 0;
}

} // namespace

std::uint64_t QuotaTable::subtree_group(std::uint64_t subvolume) const {
    std::uint64_t highest = subvolume;
    const auto above = parents.find(subvolume);
    if (above != parents.end()) {
        for (const std::uint64_t group : above->second) {
            if ((group & kId) == subvolume && group > highest) {
                highest = group;
            }
        }
    }
    return highest;
}

const Qgroup* QuotaTable::find(std::uint64_t group) const {
    const auto found = groups.find(group);
    return found == groups.end() ? nullptr : &found->second;
}

std::optional<QuotaTable> read_quota(int fd) {
    QuotaTable table;
    bool on = false;
    const TreeRange all{
        .tree = BTRFS_QUOTA_TREE_OBJECTID, .first = {}, .last = {kLastOffset, 255, kLastOffset}};
    const bool found = visit_tree(fd, all, [&](const TreeKey& key, std::span<const char> bytes) {
        switch (key.type) {
        case BTRFS_QGROUP_STATUS_KEY:
            read_status(bytes, on, table);
            break;
        case BTRFS_QGROUP_INFO_KEY: {
            const auto item = read_as<btrfs_qgroup_info_item>(bytes);
            table.groups[key.offset].referenced = le64toh(item.rfer);
            table.groups[key.offset].exclusive = le64toh(item.excl);
            break;
        }
        case BTRFS_QGROUP_LIMIT_KEY:
            read_limits(bytes, table.groups[key.offset]);
            break;
        case BTRFS_QGROUP_RELATION_KEY:
            if (key.object < key.offset) { // it stands under both ends
                table.parents[key.object].push_back(key.offset);
            }
            break;
        default:
            break;
        }
    });
    if (!found || !on) {
        return std::nullopt;
    }
    return table;
}

QuotaKind enable_quota(int fd) {
    if (control(fd, kEnableSimple)) {
        return QuotaKind::Simple;
    }
    if (errno != EINVAL && errno != EOPNOTSUPP && errno != ENOTTY) {
        throw errno_error("cannot switch quota on");
    }
    if (!control(fd, BTRFS_QUOTA_CTL_ENABLE)) {
        throw errno_error("cannot switch quota on");
    }
    recount_quota(fd);
    return QuotaKind::Full;
}

void recount_quota(int fd) {
    btrfs_ioctl_quota_rescan_args args{};
    // One that runs already does as well; simple quotas have none.
    if (::ioctl(fd, BTRFS_IOC_QUOTA_RESCAN, &args) < 0 && errno != EINPROGRESS) {
        if (errno == EINVAL || errno == EOPNOTSUPP) {
            return;
        }
        throw errno_error("cannot count what subvolumes take");
    }
    if (::ioctl(fd, BTRFS_IOC_QUOTA_RESCAN_WAIT) < 0) {
        throw errno_error("cannot wait until it is counted what subvolumes take");
    }
}

void limit_qgroup(int fd, std::uint64_t group, std::optional<std::uint64_t> limit_bytes) {
    btrfs_ioctl_qgroup_limit_args args{};
    args.qgroupid = group;
    args.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
    args.lim.max_rfer = limit_bytes.value_or(kClear);
    if (::ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &args) < 0) {
        throw errno_error("cannot set the limit of qgroup {}", qgroup_text(group));
    }
}

void make_qgroup(int fd, std::uint64_t group) {
    btrfs_ioctl_qgroup_create_args args{};
    args.create = 1;
    args.qgroupid = group;
    if (::ioctl(fd, BTRFS_IOC_QGROUP_CREATE, &args) < 0 && errno != EEXIST) {
        throw errno_error("cannot make qgroup {}", qgroup_text(group));
    }
}

bool put_qgroup_under(int fd, std::uint64_t group, std::uint64_t parent) {
    btrfs_ioctl_qgroup_assign_args args{};
    args.assign = 1;
    args.src = group;
    args.dst = parent;
    const int result = ::ioctl(fd, BTRFS_IOC_QGROUP_ASSIGN, &args);
    if (result < 0 && errno != EEXIST) {
        throw errno_error("cannot put qgroup {} under {}", qgroup_text(group), qgroup_text(parent));
    }
    return result > 0;
}

} // namespace slipway::volume
