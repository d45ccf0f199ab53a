// Each kind of step asks for the absence of something, so that it can be repeated.

#include "spawn/undo.hh"

#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "spawn/address_translation.hh"
#include "spawn/cgroup.hh"
#include "spawn/machine_clone.hh"
#include "spawn/netlink.hh"
#include "volume/remove_tree.hh"

namespace slipway::spawn {
namespace {

// Everything below it goes as well: a disk can have several file systems.
void unmount(const std::string& point) {
    while (::umount2(point.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (errno != EINVAL && errno != ENOENT) { // no mount point, or nothing at all
        throw errno_error("cannot unmount {}", quoted(point));
    }
}

void remove_tree(const std::filesystem::path& tree) {
    const Fd parent(::open(tree.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent &&
        ::faccessat(parent.get(), tree.filename().c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        volume::remove_tree(parent.get(), tree.filename().string());
    }
}

// Never what is in it: a mount that did not go must not be emptied.
void remove_directory(const std::string& path) {
    if (::rmdir(path.c_str()) < 0 && errno != ENOENT) {
        throw errno_error("cannot remove the directory {}", quoted(path));
    }
}

// The last machine takes the group of all with it.
void remove_machine_cgroup(const std::filesystem::path& group) {
    remove_cgroup(group);
    if (group.parent_path().filename() == machine::kCgroupOfMachines) {
        ::rmdir(group.parent_path().c_str()); // as long as it has others, it stays
    }
}

void undo_step(const machine::Undo& step) {
    switch (step.kind) {
    case machine::Undo::Kind::Unmount:
        return unmount(step.what);
    case machine::Undo::Kind::RemoveCgroup:
        return remove_machine_cgroup(step.what);
    case machine::Undo::Kind::RemoveImage:
        return remove_clone(step.what);
    case machine::Undo::Kind::RemoveTree:
        return remove_tree(step.what);
    case machine::Undo::Kind::RemoveLink:
        return Netlink().remove(step.what);
    case machine::Undo::Kind::RemoveBridge:
        return Netlink().remove_unused_bridge(step.what);
    case machine::Undo::Kind::ReleasePort:
        return release_port(step.what);
    case machine::Undo::Kind::RemoveTable:
        return remove_table(step.what);
    case machine::Undo::Kind::RemoveDirectory:
        return remove_directory(step.what);
    }
}

} // namespace

std::vector<NotUndone> undo(const std::vector<machine::Undo>& list) {
    std::vector<NotUndone> failed;
    for (auto step = list.rbegin(); step != list.rend(); ++step) {
        try {
            undo_step(*step);
        } catch (const std::exception& error) {
            failed.push_back({*step, error.what()});
        }
    }
    return failed;
}

} // namespace slipway::spawn
