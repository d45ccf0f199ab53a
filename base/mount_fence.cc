// A mount namespace whose root is all that the program may see (mount_namespaces(7),
// pivot_root(2)). The order matters; docs/confinement.md tells why of each step.

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fences.hh"

namespace slipway::fences {
namespace {

constexpr std::uint64_t kQuiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

// A second mount of the working directory, on top of itself, without set-uid, devices and programs.
Fd mount_staging() {
    const Fd staging(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    Fd tree(static_cast<int>(
        ::syscall(SYS_open_tree, AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    mount_attr attributes{};
    attributes.attr_set = kQuiet;
    if (!staging || !tree ||
        ::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes,
                  sizeof attributes) < 0) {
        throw errno_error("cannot clone the staging's mount");
    }
    if (::syscall(SYS_move_mount, tree.get(), "", staging.get(), "",
                  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
        throw errno_error("cannot mount the staging");
    }
    return tree;
}

// An empty file system that nothing can be made in.
Fd mount_nothing() {
    const Fd context(static_cast<int>(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    if (!context ||
        ::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
        ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) {
        throw errno_error("cannot make an empty file system");
    }
    Fd mount(static_cast<int>(
        ::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, kQuiet | MOUNT_ATTR_RDONLY)));
    if (!mount ||
        ::syscall(SYS_move_mount, mount.get(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0) {
        throw errno_error("cannot mount an empty file system");
    }
    return mount;
}

// Makes the mount behind `root` the process's "/" and lets go of the old one.
void change_root(const Fd& root) {
    struct stat wanted {};
    if (::fstat(root.get(), &wanted) < 0 || ::fchdir(root.get()) < 0) {
        throw errno_error("cannot enter the new root");
    }
    if (::syscall(SYS_pivot_root, ".", ".") == 0) {
        if (::umount2(".", MNT_DETACH) < 0) {
            throw errno_error("cannot let go of the old root");
        }
    } else if (::mount(".", "/", nullptr, MS_MOVE, nullptr) < 0 || ::chroot(".") < 0) {
        // pivot_root(2) is EINVAL below a chroot; moving the mount over "/" does the same there.
        throw errno_error("cannot change the root");
    }
    struct stat found {};
    if (::chdir("/") < 0 || ::stat("/", &found) < 0) {
        throw errno_error("cannot enter the new root");
    }
    if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino) {
        throw Error(Kind::Internal, "the new root is not the one that was made");
    }
}

// The host's tree as it is, but read-only everywhere; /tmp a file system of our own.
void make_host_readonly(bool scratch) {
    if (scratch && ::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
                           "mode=1777,size=64m,nr_inodes=1024") < 0) {
        throw errno_error("cannot mount an empty /tmp");
    }
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) <
        0) {
        throw errno_error("cannot make the host's tree read-only");
    }
    attributes = {};
    attributes.attr_clr = MOUNT_ATTR_RDONLY;
    if (scratch &&
        ::syscall(SYS_mount_setattr, AT_FDCWD, "/tmp", 0, &attributes, sizeof attributes) < 0) {
        throw errno_error("cannot make /tmp writable");
    }
}

} // namespace

bool raise_mounts(const Confinement& confinement) {
    // A descriptor keeps its mount in the old namespace, where nothing may be mounted any more;
    // the working directory moves along, so the way into the new one is through it.
    if (confinement.view == View::Staging && ::fchdir(confinement.staging) < 0) {
        throw errno_error("cannot enter the staging");
    }
    if (::unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) < 0) {
        return false;
    }
    // EINVAL where "/" is no mount point (a plain chroot): nothing is shared then.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 && errno != EINVAL) {
        throw errno_error("cannot make the mounts private");
    }
    switch (confinement.view) {
    case View::Staging:
        change_root(mount_staging());
        ::close(confinement.staging);
        break;
    case View::Nothing:
        change_root(mount_nothing());
        break;
    case View::HostRead:
        make_host_readonly(confinement.filter == Filter::Check);
        break;
    }
    return true;
}

bool raise_network() noexcept {
    return ::unshare(CLONE_NEWNET) == 0;
}

} // namespace slipway::fences
