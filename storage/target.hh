// What stands under the name that an image is to have.

#pragma once

#include <optional>
#include <string>

#include "storage/pool.hh"

namespace slipway::storage {

struct Target {
    std::string file_name; ///< its entry in the pool: NAME, or NAME.raw
    std::string identity;
    ImageType type = ImageType::Directory;
    bool immutable = false; ///< its flag stands in the way of a rename
};

/// The image of that name.
/// @throws Error Exists: the name is taken by something that is no image
std::optional<Target> find_target(const Pool& pool, const ImageName& name);

/// The same for an image that is known to be there.
Target describe_target(const Pool& pool, const Image& image);

} // namespace slipway::storage
