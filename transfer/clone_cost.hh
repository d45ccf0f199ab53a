// What a clone costs: known before anything is made.

#pragma once

#include <stop_token>
#include <string>

#include "storage/clone_way.hh"
#include "storage/pool.hh"

namespace slipway::transfer {

using storage::CloneWay;

/// One sentence: the way, how many bytes it takes, what the pool has. Walks a tree that would be
/// copied.
/// @throws Error, Canceled
std::string cost_of_clone(CloneWay way, int source, storage::ImageType type,
                          const storage::Pool& pool, const std::stop_token& stop);

} // namespace slipway::transfer
