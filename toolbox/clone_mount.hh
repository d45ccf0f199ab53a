// A part of the host's tree as something to hand to a machine: a mount that is nowhere yet.

#pragma once

#include "base/fd.hh"

namespace slipway::toolbox {

struct CloneOptions {
    int users = -1;         ///< a user namespace: 0 there is what belongs to 0 here; -1: no mapping
    bool read_only = false; ///< for everybody who sees it through this mount
    bool all_below = false; ///< both for what is mounted below it as well, which always comes along
};

/// Clones the mount of what is open, from there on (open_tree(2)). Gone with the last descriptor.
/// @param fd  a directory or file of the host, O_PATH is enough
/// @throws Error Unsupported: a file system that cannot map users
Fd clone_mount(int fd, const CloneOptions& options);

} // namespace slipway::toolbox
