// Under which name an image will be stored; settled before anything is fetched or opened.

#pragma once

#include "storage/image_name.hh"
#include "transfer/request.hh"

namespace slipway::transfer {

/// The name that was asked for; with none, or "-", the one that the URL or file name gives, as
/// machinectl derives it (the last component as written, percent signs included).
/// @throws Error InvalidArgument: not a valid name, or none can be derived: says to give one
storage::ImageName settle_name(const Request& request);

} // namespace slipway::transfer
