// The images of a class in all directories where they are looked for: the first directory that has
// a name counts, as systemd searches them (image_discover()).

#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "storage/image_class.hh"
#include "storage/leftover.hh"
#include "storage/pool.hh"

namespace slipway::storage {

/// An image, and where it was found.
struct Located {
    Image image;
    std::filesystem::path pool;
};

/// An image that its name does not lead to.
struct Shadowed {
    Image image;
    std::filesystem::path by; ///< what the name leads to
};

struct Catalog {
    std::vector<Located> images; ///< sorted by name
    // Only when everything was asked for; sorted by path.
    std::vector<Shadowed> shadowed;
    std::vector<std::filesystem::path> dangling; ///< links that would be images, and lead nowhere
    std::vector<Leftover> leftovers;
};

enum class Breadth {
    Visible,    ///< names that do not begin with a dot
    Images,     ///< hidden ones, too
    Everything, ///< and all that stands in a pool and is none
};

/// Directories that do not exist are passed over; one that comes twice counts once.
/// @throws Error  a directory cannot be read
Catalog read_catalog(const std::vector<std::filesystem::path>& search, ImageClass image_class,
                     Breadth breadth);

/// The image that a name means: the first of these directories that has it, a version of it
/// included. Those that do not exist are passed over.
/// @throws Error  a directory cannot be read
std::optional<Located> locate_image(const std::vector<std::filesystem::path>& search,
                                    const ImageName& name,
                                    ImageClass image_class = ImageClass::Machine);

/// The running system, which is always in the list of machines: ".host", "/".
Image host_image();

} // namespace slipway::storage
