// What images are for. Each class has its own directories and its own optional suffix of names.

#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace slipway::storage {

enum class ImageClass { Machine, Portable, Sysext, Confext };

/// "machine", "portable", "sysext", "confext"; nothing for another word.
std::optional<ImageClass> find_class(std::string_view word) noexcept;
std::string_view word(ImageClass image_class) noexcept;

/// What a name may end in on disk without that being a part of it (systemd 256): ".sysext",
/// ".confext"; empty for the others.
std::string_view name_suffix(ImageClass image_class) noexcept;

/// The directory that new images of the class go to: /var/lib/machines.
std::filesystem::path main_pool(ImageClass image_class);

/// The directories of the class in the order in which they are searched.
/// @param pool  stands in the place of main_pool()
std::vector<std::filesystem::path> search_path(ImageClass image_class,
                                               const std::filesystem::path& pool);

} // namespace slipway::storage
