// libbtrfsutil reports through an enum and errno; the latter is what a person understands.

#include "volume/subvolume.hh"

#include <array>
#include <cstdlib>

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "base/quoted.hh"
#include "volume/qgroup.hh"

namespace slipway::volume {
namespace {

constexpr ino_t kSubvolumeInode = 256; // BTRFS_FIRST_FREE_OBJECTID

// The same for all subvolumes of a file system, whose device numbers differ.
std::optional<std::array<std::uint8_t, BTRFS_FSID_SIZE>> find_fsid(int fd) noexcept {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0) {
        return std::nullopt;
    }
    return std::to_array(info.fsid);
}

// True when the kernel does not tell.
bool lies_in(int directory, int subvolume) noexcept {
    std::uint64_t top = 0;
    std::uint64_t at = 0;
    if (::btrfs_util_subvolume_id_fd(subvolume, &top) != BTRFS_UTIL_OK ||
        ::btrfs_util_subvolume_id_fd(directory, &at) != BTRFS_UTIL_OK) {
        return true;
    }
    while (at != top) {
        struct btrfs_util_subvolume_info info {};
        if (at == BTRFS_FS_TREE_OBJECTID) {
            return false;
        }
        if (::btrfs_util_subvolume_info_fd(directory, at, &info) != BTRFS_UTIL_OK) {
            return true;
        }
        at = info.parent_id;
    }
    return true;
}

using Inheritance = Handle<btrfs_util_qgroup_inherit, btrfs_util_destroy_qgroup_inherit>;

// What is made in a limited pool counts in it. With simple quotas the kernel does that by itself.
Inheritance what_counts_it(int parent) {
    const std::vector<std::uint64_t> groups = subtree_groups(parent);
    if (groups.empty()) {
        return nullptr;
    }
    btrfs_util_qgroup_inherit* made = nullptr;
    bool ok = ::btrfs_util_create_qgroup_inherit(0, &made) == BTRFS_UTIL_OK;
    for (const std::uint64_t group : groups) {
        ok = ok && ::btrfs_util_qgroup_inherit_add_group(&made, group) == BTRFS_UTIL_OK;
    }
    Inheritance inheritance(made);
    if (!ok) {
        throw errno_error("cannot name the qgroups of a new subvolume");
    }
    return inheritance;
}

std::int64_t microseconds(const timespec& time) noexcept {
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

} // namespace

bool is_subvolume(int fd) noexcept {
    struct stat info {};
    struct statfs fs {};
    return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) && info.st_ino == kSubvolumeInode &&
           ::fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
}

void make_subvolume(int parent, const std::string& name) {
    const Inheritance inheritance = what_counts_it(parent);
    if (::btrfs_util_create_subvolume_fd(parent, name.c_str(), 0, nullptr, inheritance.get()) !=
        BTRFS_UTIL_OK) {
        throw errno_error("cannot make the subvolume {}", quoted(name));
    }
}

void make_flat_snapshot(int source, int parent, const std::string& name) {
    const Inheritance inheritance = what_counts_it(parent);
    if (::btrfs_util_create_snapshot_fd2(source, parent, name.c_str(), 0, nullptr,
                                         inheritance.get()) != BTRFS_UTIL_OK) {
        throw errno_error("cannot make the snapshot {}", quoted(name));
    }
}

std::vector<std::string> nested_subvolumes(int subvolume) {
    btrfs_util_subvolume_iterator* made = nullptr;
    if (::btrfs_util_create_subvolume_iterator_fd(subvolume, 0, 0, &made) != BTRFS_UTIL_OK) {
        throw errno_error("cannot look for nested subvolumes");
    }
    const Handle<btrfs_util_subvolume_iterator, btrfs_util_destroy_subvolume_iterator> iterator(
        made);
    std::vector<std::string> paths;
    for (;;) {
        char* path = nullptr;
        const auto result = ::btrfs_util_subvolume_iterator_next(iterator.get(), &path, nullptr);
        if (result == BTRFS_UTIL_ERROR_STOP_ITERATION) {
            return paths;
        }
        if (result != BTRFS_UTIL_OK) {
            throw errno_error("cannot look for nested subvolumes");
        }
        const Handle<char, std::free> owned(path);
        paths.emplace_back(path);
    }
}

bool can_make_snapshot(int source, int directory) noexcept {
    return is_subvolume(source) && are_on_one_file_system(source, directory) &&
           !lies_in(directory, source);
}

bool are_on_one_file_system(int a, int b) noexcept {
    struct stat of_a {};
    struct stat of_b {};
    if (::fstat(a, &of_a) == 0 && ::fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev) {
        return true;
    }
    const auto fsid = find_fsid(a);
    return fsid && fsid == find_fsid(b);
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

std::optional<SubvolumeInfo> find_subvolume_info(int fd) noexcept {
    struct btrfs_util_subvolume_info info {};
    if (::btrfs_util_subvolume_info_fd(fd, 0, &info) != BTRFS_UTIL_OK) {
        return std::nullopt;
    }
    return SubvolumeInfo{.id = info.id,
                         .uuid = std::to_array(info.uuid),
                         .generation = info.generation,
                         .made_in = info.otransid,
                         .read_only = (info.flags & BTRFS_ROOT_SUBVOL_RDONLY) != 0,
                         .created_us = microseconds(info.otime),
                         .changed_us = microseconds(info.ctime)};
}

bool delete_subvolume(int parent, const std::string& name) noexcept {
    return ::btrfs_util_delete_subvolume_fd(parent, name.c_str(),
                                            BTRFS_UTIL_DELETE_SUBVOLUME_RECURSIVE) == BTRFS_UTIL_OK;
}

} // namespace slipway::volume
