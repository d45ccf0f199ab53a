// Where the images of a class are looked for: several directories, of which the first that has a
// name counts, as systemd searches them (systemd 252–262, image_search_path).

#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/pool.hh"

namespace slipway::storage {

enum class ImageClass { Machine, Portable, Sysext, Confext };

/// "machine", "portable", "sysext", "confext"; nothing for another word.
std::optional<ImageClass> find_class(std::string_view word) noexcept;
std::string_view word(ImageClass image_class) noexcept;

/// The directory that new images of the class go to: /var/lib/machines.
std::filesystem::path main_pool(ImageClass image_class);

/// The directories of the class in the order in which they are searched.
/// @param pool  stands in the place of main_pool()
std::vector<std::filesystem::path> search_path(ImageClass image_class,
                                               const std::filesystem::path& pool);

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
