// In which way a clone can be made, and what that costs: known before anything is made.

#pragma once

#include <stop_token>
#include <string>

#include "storage/pool.hh"

namespace slipway::transfer {

enum class CloneWay {
    Snapshot, ///< of a subvolume, in the time of one commit of the file system
    Share,    ///< files of their own, which share their blocks with the source
    Copy,
};

/// What source and pool can do for each other. Makes nothing that has a name.
/// @param source  the image, opened O_RDONLY; borrowed
CloneWay way_of_clone(int source, storage::ImageType type, const storage::Pool& pool);

/// One sentence: the way, how many bytes it takes, what the pool has. Walks a tree that would be
/// copied.
/// @throws Error, Canceled
std::string cost_of_clone(CloneWay way, int source, storage::ImageType type,
                          const storage::Pool& pool, const std::stop_token& stop);

} // namespace slipway::transfer
