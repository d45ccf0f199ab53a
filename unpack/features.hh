// `slipway-unpack features`: the fences and engines that this host has (docs/protocol.md §5).

#pragma once

#include <string>

namespace slipway::unpack {

/// Raises the fences as for an image and tells as one JSON object what holds.
std::string features();

} // namespace slipway::unpack
