// The paths of images on the bus: a name in which every byte but letters and digits is escaped
// (machine1-images.md §1, sd_bus_path_encode(3)).

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::importd {

/// Where the objects of images lie.
inline constexpr const char* kImagesPath = "/org/freedesktop/machine1/image";

/// … and those of machines.
inline constexpr const char* kMachinesPath = "/org/freedesktop/machine1/machine";

/// "deb_2d12": the last part of an image's path.
std::string escape_label(std::string_view name);
/// Nothing for what escape_label() does not make.
std::optional<std::string> unescape_label(std::string_view label);

/// "/org/freedesktop/machine1/image/deb_2d12".
std::string image_path(std::string_view name);
/// "/org/freedesktop/machine1/machine/deb_2d12".
std::string machine_path(std::string_view name);

} // namespace slipway::importd
