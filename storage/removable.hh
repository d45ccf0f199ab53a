// What forbids that an image is taken away.

#pragma once

#include "storage/pool.hh"

namespace slipway::storage {

/// @throws Error Denied: it belongs to the file system, not to the pool (lost+found)
void check_own(const Pool& pool, const Image& image);

/// The same, and for what is mounted.
/// @throws Error Busy (something is mounted at or in it: names the place), Denied
void check_removable(const Pool& pool, const Image& image);

} // namespace slipway::storage
