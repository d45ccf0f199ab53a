// The root hash that came with a disk, beside it: NAME.roothash.

#pragma once

#include <string>

#include "storage/pool.hh"

namespace slipway::machine {

/// In hexadecimal; empty when none lies beside the image.
/// @throws Error InvalidArgument: what lies there is none; nothing of it is repeated
std::string find_root_hash(const storage::Image& image);

} // namespace slipway::machine
