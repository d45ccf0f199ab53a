// A tree in the order of its names, through directory descriptors only: nothing is followed and
// nothing is left, whatever the tree holds.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "base/fd.hh"
#include "volume/copy_metadata.hh"

namespace slipway::exports {

/// One name of the tree, while it is visited.
struct TreeItem {
    std::string path; ///< from the root, bytes; of the root itself empty
    struct stat info {};
    Fd fd;                ///< open for reading: of a regular file and of a directory
    std::string target{}; ///< of a symlink
    std::vector<volume::Attribute> attributes{};
};

struct WalkedTree {
    std::uint64_t mounts = 0;   ///< not entered: there as empty directories or files left out
    std::uint64_t vanished = 0; ///< gone between the reading of their directory and theirs
};

/// Calls `visit` for the root and all beneath it: a directory before what is in it, the names of a
/// directory sorted by their bytes. The working directory may be changed, so that other threads
/// must not rely on it. Any depth; the descriptors used are few.
/// @param root  opened for reading; borrowed
/// @throws Error  names what cannot be read
WalkedTree walk_tree(int root, const std::function<void(TreeItem&)>& visit);

} // namespace slipway::exports
