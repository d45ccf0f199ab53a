// libbtrfsutil reports through an enum and errno; the latter is what a person understands.

#include "storage/subvolume.hh"

#include <btrfsutil.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::storage {
namespace {

constexpr ino_t kSubvolumeInode = 256; // BTRFS_FIRST_FREE_OBJECTID

} // namespace

bool is_subvolume(int fd) noexcept {
    struct stat info {};
    struct statfs fs {};
    return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) && info.st_ino == kSubvolumeInode &&
           ::fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
}

void make_subvolume(int parent, const std::string& name) {
    if (::btrfs_util_create_subvolume_fd(parent, name.c_str(), 0, nullptr, nullptr) !=
        BTRFS_UTIL_OK) {
        throw errno_error("cannot make the subvolume {}", quoted(name));
    }
}

std::uint64_t subvolume_id(int fd) {
    std::uint64_t id = 0;
    if (::btrfs_util_subvolume_id_fd(fd, &id) != BTRFS_UTIL_OK) {
        throw errno_error("cannot read the number of a subvolume");
    }
    return id;
}

bool is_read_only_subvolume(int fd) {
    bool read_only = false;
    if (::btrfs_util_get_subvolume_read_only_fd(fd, &read_only) != BTRFS_UTIL_OK) {
        throw errno_error("cannot read the flags of a subvolume");
    }
    return read_only;
}

void set_subvolume_read_only(int fd, bool read_only) {
    if (::btrfs_util_set_subvolume_read_only_fd(fd, read_only) != BTRFS_UTIL_OK) {
        throw errno_error("cannot mark the subvolume {}", read_only ? "read-only" : "writable");
    }
}

std::optional<std::int64_t> subvolume_created_us(int fd) noexcept {
    struct btrfs_util_subvolume_info info {};
    if (::btrfs_util_subvolume_info_fd(fd, 0, &info) != BTRFS_UTIL_OK) {
        return std::nullopt;
    }
    return std::int64_t{info.otime.tv_sec} * 1'000'000 + info.otime.tv_nsec / 1'000;
}

bool delete_subvolume(int parent, const std::string& name) noexcept {
    return ::btrfs_util_delete_subvolume_fd(parent, name.c_str(),
                                            BTRFS_UTIL_DELETE_SUBVOLUME_RECURSIVE) == BTRFS_UTIL_OK;
}

} // namespace slipway::storage
