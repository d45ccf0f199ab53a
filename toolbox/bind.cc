// move_mount(2) by a child that has joined the machine. machinectl passes such mounts on through a
// shared directory, and refuses machines with users of their own; a detached mount needs neither.

#include "toolbox/bind.hh"

#include <cerrno>

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/root_tree.hh"
#include "spawn/enter.hh"
#include "toolbox/clone_mount.hh"
#include "toolbox/joined_work.hh"

namespace slipway::toolbox {
namespace {

bool is_directory(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) < 0) {
        throw errno_error("cannot look at it");
    }
    return S_ISDIR(info.st_mode);
}

// The directory at `path`, made with all that leads to it.
Fd make_directories(int root, const std::string& path) {
    Fd directory = machine::open_in_tree(root, path, O_PATH | O_DIRECTORY);
    if (directory || errno != ENOENT) {
        return directory;
    }
    const std::size_t end = path.find_last_not_of('/');
    const std::size_t slash = path.find_last_of('/', end);
    const Fd parent = make_directories(root, path.substr(0, slash + 1));
    const std::string name = path.substr(slash + 1, end - slash);
    if (!parent || (::mkdirat(parent.get(), name.c_str(), 0755) < 0 && errno != EEXIST)) {
        return Fd();
    }
    return Fd(::openat(parent.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Fd make_file(int root, const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    const Fd parent = make_directories(root, path.substr(0, slash + 1));
    return parent ? Fd(::openat(parent.get(), path.substr(slash + 1).c_str(),
                                O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644))
                  : Fd();
}

Fd open_target(int root, const BindOrder& order, bool directory) {
    Fd target = machine::open_in_tree(root, order.target, O_PATH);
    if (!target && errno == ENOENT) {
        if (!order.make_target) {
            throw Error(Kind::NotFound, "there is no {} in it; --mkdir makes it",
                        quoted(order.target));
        }
        target = directory ? make_directories(root, order.target) : make_file(root, order.target);
    }
    if (!target) {
        throw errno_error("cannot open {} in it", quoted(order.target));
    }
    if (is_directory(target.get()) != directory) {
        throw Error(Kind::InvalidArgument, "{} is a {}, and {} in it is {}", quoted(order.source),
                    directory ? "directory" : "file", quoted(order.target),
                    directory ? "none" : "a directory");
    }
    return target;
}

} // namespace

void bind_into(const spawn::Guest& guest, const BindOrder& order) {
    if (!order.target.starts_with('/')) {
        throw Error(Kind::InvalidArgument, "{} is no absolute path, as one in a machine has to be",
                    quoted(order.target));
    }
    const Fd source(::open(order.source.c_str(), O_PATH | O_CLOEXEC));
    if (!source) {
        throw errno_error("cannot open {}", quoted(order.source));
    }
    const Fd users = spawn::open_users(guest);
    const Fd tree = clone_mount(
        source.get(), {.users = users.get(), .read_only = order.read_only, .all_below = true});
    JoinedWork([&](int /*stopped*/) {
        spawn::join(guest, CLONE_NEWNS);
        const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        const Fd target = open_target(root.get(), order, is_directory(source.get()));
        if (::syscall(SYS_move_mount, tree.get(), "", target.get(), "",
                      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
            throw errno_error("cannot mount {} at {} in it", quoted(order.source),
                              quoted(order.target));
        }
        return std::string();
    }).wait();
}

} // namespace slipway::toolbox
