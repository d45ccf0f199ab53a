// open_tree(2), mount_setattr(2).

#include "toolbox/clone_mount.hh"

#include <cerrno>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::toolbox {

Fd clone_mount(int fd, const CloneOptions& options) {
    Fd tree(static_cast<int>(
        ::syscall(SYS_open_tree, fd, "",
                  AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    if (!tree) {
        throw errno_error("cannot clone its mount");
    }
    mount_attr wanted{};
    wanted.attr_set = options.read_only ? MOUNT_ATTR_RDONLY : 0;
    if (options.users >= 0) {
        wanted.attr_set |= MOUNT_ATTR_IDMAP;
        wanted.userns_fd = static_cast<std::uint64_t>(options.users);
    }
    const unsigned flags = AT_EMPTY_PATH | (options.all_below ? AT_RECURSIVE : 0U);
    if (wanted.attr_set != 0 &&
        ::syscall(SYS_mount_setattr, tree.get(), "", flags, &wanted, sizeof wanted) < 0) {
        if (options.users >= 0 && (errno == EINVAL || errno == EPERM)) {
            throw Error(Kind::Unsupported,
                        "the machine has users of its own, and the file system{} cannot map its "
                        "files to them; use a place on ext4, xfs or btrfs, or a machine with "
                        "--private-users=no",
                        options.all_below ? ", or one that is mounted below," : "");
        }
        throw errno_error("cannot change its mount");
    }
    return tree;
}

} // namespace slipway::toolbox
