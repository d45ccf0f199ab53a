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

// A second, detached mount of what `path` names: what happens to it is seen by nobody else.
Fd clone_mount(const char* path, unsigned flags, std::uint64_t attributes) {
    Fd tree(static_cast<int>(
        ::syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags)));
    mount_attr wanted{};
    wanted.attr_set = attributes;
    wanted.propagation = MS_PRIVATE;
    if (!tree || ::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH | flags, &wanted,
                           sizeof wanted) < 0) {
        throw errno_error("cannot clone the mount of {}", path);
    }
    return tree;
}

// A file system in memory with this many files, its root counted.
Fd make_tmpfs(const char* inodes, std::uint64_t attributes) {
    const Fd context(static_cast<int>(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    const auto set = [&context](const char* key, const char* value) {
        return ::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, key, value, 0) == 0;
    };
    if (!context || !set("nr_inodes", inodes) || !set("size", "64m") || !set("mode", "1777") ||
        ::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) {
        throw errno_error("cannot make a file system in memory");
    }
    Fd mount(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes)));
    if (!mount) {
        throw errno_error("cannot make a file system in memory");
    }
    return mount;
}

void attach(const Fd& mount, const char* path) {
    if (::syscall(SYS_move_mount, mount.get(), "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
        throw errno_error("cannot mount over {}", path);
    }
}

// Entering the namespace that was just made leads from a chroot to its real root. Inside a chroot
// nothing could be made private ("/" is no mount point), so that our mounts would show on the host,
// and pivot_root(2) is EINVAL. The working directory, where the view's tree starts, is kept.
void leave_chroot() {
    const Fd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Fd self(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    // Needs CAP_SYS_CHROOT. Without it nothing is lost where there is no chroot; what follows says
    // so where there is one.
    static_cast<void>(::setns(self.get(), CLONE_NEWNS));
    if (!here || ::fchdir(here.get()) < 0) {
        throw errno_error("cannot enter the real root");
    }
}

// Makes `root`, which lies over "/", the process's "/" and lets go of the old one.
void change_root(const Fd& root) {
    struct stat wanted {};
    if (::fstat(root.get(), &wanted) < 0 || ::fchdir(root.get()) < 0) {
        throw errno_error("cannot enter the new root");
    }
    if (::syscall(SYS_pivot_root, ".", ".") == 0) {
        if (::umount2(".", MNT_DETACH) < 0) {
            throw errno_error("cannot let go of the old root");
        }
    } else if (errno != EINVAL || ::chroot(".") < 0) {
        // EINVAL: the old root is the kernel's first one (an initramfs), which stays for ever. The
        // new one lies over it, and "/" is the only way that leads anywhere.
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

// The working directory is where the view's tree starts.
Fd make_view(const Confinement& confinement) {
    switch (confinement.view) {
    case View::Staging:
        return clone_mount(".", 0, kQuiet | (confinement.read_only ? MOUNT_ATTR_RDONLY : 0));
    case View::Nothing:
        return make_tmpfs("1", kQuiet | MOUNT_ATTR_RDONLY);
    case View::HostRead:
        break;
    }
    return clone_mount(".", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
}

// Kernels are built without some of these; the mount namespace is the one that counts.
bool unshare_all() noexcept {
    if (::unshare(CLONE_NEWNS) < 0) {
        return false;
    }
    for (const int other : {CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
        static_cast<void>(::unshare(other));
    }
    return true;
}

} // namespace

bool raise_mounts(const Confinement& confinement) {
    // A descriptor keeps its mount in the old namespace, where nothing may be mounted any more;
    // the working directory moves along, so the way into the new one is through it.
    const bool staging = confinement.view == View::Staging;
    if ((staging ? ::fchdir(confinement.staging) : ::chdir("/")) < 0) {
        throw errno_error("cannot enter the {}", staging ? "staging" : "root");
    }
    if (!unshare_all()) {
        return false;
    }
    leave_chroot();
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) {
        throw errno_error("cannot make the mounts private");
    }
    const Fd view = make_view(confinement);
    attach(view, "/");
    change_root(view);
    if (staging) {
        ::close(confinement.staging);
    }
    if (confinement.view == View::HostRead && confinement.filter == Filter::Check) {
        attach(make_tmpfs("1024", kQuiet), "/tmp");
    }
    return true;
}

bool raise_network() noexcept {
    return ::unshare(CLONE_NEWNET) == 0;
}

} // namespace slipway::fences
