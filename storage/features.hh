// What the file system of a pool offers; probed, never assumed (docs/protocol.md §5).

#pragma once

#include "storage/pool.hh"

namespace slipway::storage {

struct Features {
    volume::FileSystem file_system;
    bool reflink = false;   ///< copies that share their blocks
    bool exchange = false;  ///< two names in one step: --force needs it
    bool xattrs = false;    ///< user.*: provenance needs them
    bool immutable = false; ///< the mark of a read-only directory
};

/// Tries everything in a hidden directory that is removed again.
/// @throws Error
Features probe_features(const Pool& pool);

} // namespace slipway::storage
