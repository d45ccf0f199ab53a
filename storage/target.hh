// What stands under the name that an image is to have.

#pragma once

#include <optional>
#include <string>

#include "storage/pool.hh"
#include "storage/staging.hh"

namespace slipway::storage {

struct Target {
    std::string file_name; ///< its entry in the pool: NAME, or NAME.raw
    std::string identity;
    ImageType type = ImageType::Directory;
    bool immutable = false; ///< its flag stands in the way of a rename
    bool hides_raw = false; ///< NAME.raw is there as well: its siblings are not this one's alone
};

/// The entry that an image gets: NAME, or NAME.raw.
std::string entry_name(const ImageName& name, ImageKind kind);

/// The image of that name.
/// @param kind  of the one that is to have the name
/// @throws Error Exists: its entry is taken by something else than that image
std::optional<Target> find_target(const Pool& pool, const ImageName& name, ImageKind kind);

/// The same for an image that is known to be there.
Target describe_target(const Pool& pool, const Image& image);

} // namespace slipway::storage
