// What forbids that an image is taken away.

#pragma once

#include "storage/pool.hh"

namespace slipway::storage {

/// @throws Error Busy (something is mounted at or in it: names the place), Denied (it belongs to
///         the file system: lost+found)
void check_removable(const Pool& pool, const Image& image);

} // namespace slipway::storage
