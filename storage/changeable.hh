// An image that is to be changed, wherever in the search path it lies.

#pragma once

#include <filesystem>
#include <vector>

#include "storage/catalog.hh"

namespace slipway::storage {

/// The image that a name means.
/// @throws Error NotFound (says where it was looked for); InvalidArgument: the running system
///         itself, ".host"; Unsupported: a version in a directory NAME.v, which is sysupdate's
Located find_known_image(const std::vector<std::filesystem::path>& search, const ImageName& name,
                         ImageClass image_class);

/// The directory of an image that is to be renamed, marked or removed, open.
/// @throws Error  as find_known_image(); Denied: it came with the system (below /usr), or lies
///         where nothing can be written
Pool open_pool_of(const std::vector<std::filesystem::path>& search, const ImageName& name,
                  ImageClass image_class);

/// Refuses a name that an image of these directories has: one name is one image in all of them.
/// @throws Error Exists
void check_unused(const std::vector<std::filesystem::path>& search, const ImageName& name,
                  ImageClass image_class);

} // namespace slipway::storage
