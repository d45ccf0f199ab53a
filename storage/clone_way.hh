// In which way a clone of an image can be made: asked before anything is made.

#pragma once

#include "storage/pool.hh"

namespace slipway::storage {

enum class CloneWay {
    Snapshot, ///< of a subvolume, in the time of one commit of the file system
    Share,    ///< files of their own, which share their blocks with the source
    Copy,
};

/// What source and pool can do for each other. Makes nothing that has a name.
/// @param source  the image, opened O_RDONLY; borrowed
CloneWay way_of_clone(int source, ImageType type, const Pool& pool);

} // namespace slipway::storage
