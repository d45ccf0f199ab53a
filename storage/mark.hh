// The mark of a read-only image, as systemd makes and reads it (docs/on-disk.md, "Images").

#pragma once

#include "storage/pool.hh"
#include "storage/staging.hh"

namespace slipway::storage {

/// Marks an image, or takes the mark away, durably: a subvolume's flag, the immutable flag of a
/// directory's top, the write permission of a disk (back: its owner's alone), the flag of a block
/// device. Of a tree only the top is marked. Sweeps what dead jobs left first.
/// @returns false: it was so already
/// @throws Error NotFound, Busy (in use: names the holder), Denied; Unsupported: the file system
///         has no such flag, or the image is a symbolic link, whose target is not the pool's
bool mark_image(const Pool& pool, const ImageName& name, ReadOnly mark);

} // namespace slipway::storage
