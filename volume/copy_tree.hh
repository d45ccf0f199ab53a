// An exact copy of a tree: types, modes, numeric owners, times, hard links, symlinks, devices,
// holes and every attribute. What import-fs stores where no snapshot can be made.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "volume/copy_metadata.hh"
#include "volume/inode_id.hh"

namespace slipway::volume {

struct CopyProgress {
    std::uint64_t size_bytes = 0; ///< contents of files, holes included
    std::uint64_t entries = 0;
};

struct CopyOptions {
    UnsupportedAttributes unsupported = UnsupportedAttributes::Refuse;
    /// A directory of the source that is treated like a mount point: the pool that is copied into.
    std::optional<InodeId> leave_out{};
    unsigned workers = 0; ///< 0: what is fastest, four at most
    /// Called in the thread of copy_tree(), about ten times a second and at the end.
    std::function<void(const CopyProgress&)> on_progress{};
};

/// How often something happened, and where first.
struct Occurrences {
    std::uint64_t count = 0;
    std::string first; ///< path relative to the root
};

struct CopiedTree {
    std::uint64_t size_bytes = 0;
    std::uint64_t entries = 0;      ///< names below the root
    std::uint64_t files = 0;        ///< regular files that hold something
    std::uint64_t shared_files = 0; ///< of them those that share their blocks with the source
    /// Mount points and what was to be left out, relative to the root, in order: each is an empty
    /// directory or file in the copy.
    std::vector<std::string> not_entered;
    Occurrences sockets;                ///< left out
    Occurrences unsupported_attributes; ///< left out
    Occurrences changed;                ///< while they were read: what was copied may be neither
    Occurrences vanished;               ///< before they could be copied
};

/// Copies what is beneath `source` into the empty directory `target`, and the root's own metadata.
/// Neither follows symlinks nor crosses mounts, in bounded memory and descriptors for any number
/// and depth of directories. The source is only read, without leaving access times where that is
/// allowed. Files share their blocks with the source (FICLONE) where the file system can do that.
/// @param source  opened O_RDONLY; borrowed
/// @param target  opened O_RDONLY; borrowed
/// @throws Error  names the path, relative to the root, that could not be read, written or held.
///         Canceled: within a second
CopiedTree copy_tree(int source, int target, const CopyOptions& options,
                     const std::stop_token& stop);

} // namespace slipway::volume
