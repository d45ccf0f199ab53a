// Where the images of a class are looked for: several directories, of which the first that has a
// name counts, as systemd searches them (systemd 252–262, image_search_path).

#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "storage/image_class.hh"
#include "storage/pool.hh"

namespace slipway::storage {

/// An image, and where it was found.
struct Located {
    Image image;
    std::filesystem::path pool;
};

/// The image that a name means: the first of these directories that has it. Those that do not exist
/// are passed over.
/// @throws Error  a directory cannot be read
std::optional<Located> locate_image(const std::vector<std::filesystem::path>& search,
                                    const ImageName& name);

} // namespace slipway::storage
