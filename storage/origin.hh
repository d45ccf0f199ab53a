// What was written beside an image about where it came from, read again.

#pragma once

#include <string>

#include "storage/pool.hh"

namespace slipway::storage {

/// The attribute kOriginAttribute of the image's top inode, as it is there: JSON when we wrote it.
/// Empty when there is none, or it cannot be read.
std::string read_origin(const Image& image);
/// The same of the open image itself, whatever led there.
std::string read_origin(int image);

} // namespace slipway::storage
