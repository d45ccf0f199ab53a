// statfs(2), and where that says too much.

#include "volume/file_system.hh"

#include <fstream>

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::volume {
namespace {

constexpr long kXfsMagic = 0x58465342; // linux/magic.h of Debian 12 calls it XFS_SUPER_MAGIC
constexpr long kZfsMagic = 0x2fc12fc1; // not in linux/magic.h

std::string type_of(long magic) {
    switch (magic) {
    case EXT4_SUPER_MAGIC:
        return "ext4"; // ext2 and ext3 share the number
    case kXfsMagic:
        return "xfs";
    case BTRFS_SUPER_MAGIC:
        return "btrfs";
    case TMPFS_MAGIC:
        return "tmpfs";
    case OVERLAYFS_SUPER_MAGIC:
        return "overlayfs";
    case F2FS_SUPER_MAGIC:
        return "f2fs";
    case NFS_SUPER_MAGIC:
        return "nfs";
    case kZfsMagic:
        return "zfs";
    default:
        return fmt::format("{:#x}", static_cast<unsigned long>(magic));
    }
}

// Clusters that ext4 keeps from everybody, root included, so that delayed writes never fail;
// statfs(2) counts them as free.
std::uint64_t ext4_own_reserve(int fd) {
    struct stat info {};
    std::error_code error;
    std::uint64_t clusters = 0;
    if (::fstat(fd, &info) == 0) {
        const auto device = std::filesystem::read_symlink(
            fmt::format("/sys/dev/block/{}:{}", major(info.st_dev), minor(info.st_dev)), error);
        std::ifstream(std::filesystem::path("/sys/fs/ext4") / device.filename() /
                      "reserved_clusters") >>
            clusters;
    }
    return clusters;
}

} // namespace

FileSystem file_system_of(int fd, const std::filesystem::path& path) {
    struct statfs info {};
    if (::fstatfs(fd, &info) < 0) {
        throw errno_error("cannot ask for the file system of the pool {}", quoted(path.string()));
    }
    FileSystem result;
    result.type = type_of(info.f_type);
    result.read_only = (info.f_flags & ST_RDONLY) != 0;
    result.subvolumes = info.f_type == BTRFS_SUPER_MAGIC;
    // What btrfs calls free is not all to be had by files; the reserve of ext4 is root's.
    const auto block = static_cast<std::uint64_t>(info.f_frsize);
    const bool with_reserve = ::geteuid() == 0 && info.f_type == EXT4_SUPER_MAGIC;
    const std::uint64_t kept = with_reserve ? ext4_own_reserve(fd) : 0;
    const std::uint64_t free = with_reserve ? info.f_bfree : info.f_bavail;
    result.free_bytes = free > kept ? (free - kept) * block : 0;
    result.size_bytes = info.f_blocks * block;
    if (info.f_files != 0) {
        result.free_inodes = info.f_ffree;
    }
    if (result.subvolumes) {
        std::optional<Quota> quota = find_tightest_qgroup(fd);
        if (quota && quota->left_bytes < result.free_bytes) {
            result.free_bytes = quota->left_bytes;
            result.quota = std::move(quota);
        }
    }
    return result;
}

std::string space_text(const FileSystem& file_system, const std::filesystem::path& path) {
    const std::string where = fmt::format("{} ({})", quoted(path.string()), file_system.type);
    if (file_system.quota) {
        return fmt::format("{} has {} of {} left by the quota of {}", where,
                           format_size(file_system.free_bytes),
                           format_size(file_system.quota->limit_bytes), file_system.quota->owner);
    }
    std::string text = fmt::format("{} has {} of {}", where, format_size(file_system.free_bytes),
                                   format_size(file_system.size_bytes));
    if (file_system.free_inodes) {
        text += fmt::format(" and {} inodes", *file_system.free_inodes);
    }
    return text + " free";
}

} // namespace slipway::volume
