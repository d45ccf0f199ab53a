// The pool as image-status and show-image tell of it.

#pragma once

#include "cli/image_status.hh"

namespace slipway::cli {

/// @throws Error NotFound: there is no such pool
PoolStatus find_pool_status(const Options& options);

} // namespace slipway::cli
