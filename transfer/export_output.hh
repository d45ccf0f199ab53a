// Where an export goes: what the caller has opened.

#pragma once

#include "base/fd.hh"

namespace slipway::transfer {

/// Takes a file, pipe, socket or character device that is open for writing. Of a pipe another
/// opening is given back, one that does not wait, so that a slow reader cannot hold a cancellation
/// up and the caller's own opening stays as it is.
/// @throws Error InvalidArgument: none came, it cannot be written, or it is a terminal;
/// Unsupported: a
///         directory or a block device
Fd adopt_output(Fd given);

/// Makes `output`, an empty file, a copy of `disk` that shares its blocks (ioctl_ficlone(2)). False
/// where the file system cannot; nothing has been written then.
bool share_blocks(int disk, int output) noexcept;

} // namespace slipway::transfer
