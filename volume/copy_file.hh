// One file with all that it is.

#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "volume/copy_contents.hh"

namespace slipway::volume {

/// Copies contents, owner, mode, times and attributes of a regular file into an empty one of ours.
/// @throws Error  Unsupported: an attribute that the file system cannot hold. Canceled
void copy_file(int from, int to, const std::stop_token& stop);

struct CopiedContents {
    std::uint64_t size_bytes = 0; ///< holes included
    Shared shared = Shared::No;
    bool changed = false; ///< while it was read: what was copied may be neither
};

/// Copies the contents of a large regular file into an empty one: its blocks are shared where the
/// file system can do that; holes stay holes.
/// @param on_progress  called in this thread about ten times a second with the bytes so far
/// @throws Error. Canceled: within a second
CopiedContents copy_large_file(int from, int to,
                               const std::function<void(std::uint64_t)>& on_progress,
                               const std::stop_token& stop);

} // namespace slipway::volume
