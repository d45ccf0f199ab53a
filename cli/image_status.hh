// What image-status and show-image print.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/image_view.hh"
#include "cli/settings_of_image.hh"
#include "disk/boot_ways.hh"
#include "transfer/event.hh"

namespace slipway::cli {

/// All that is known of one image.
struct ImageStatus {
    ImageRow row;
    std::vector<std::string> siblings{}; ///< file names
    ImageSettings settings{};
    std::optional<transfer::Inspected> inspected{}; ///< nothing: it could not be read
    std::optional<disk::BootWays> boots{};          ///< nothing: it was not looked at
};

struct PoolStatus {
    std::filesystem::path path;
    std::string file_system;
    storage::Usage usage;
    std::uint64_t free_bytes = 0;
};

/// As machinectl image-status: the name, and below it right-aligned keys; what is not known is left
/// out.
/// @param now_us  microseconds since 1970, for ages
std::string image_status(const ImageStatus& status, std::int64_t now_us);
std::string image_status_json(const std::vector<ImageStatus>& all, bool pretty);

std::string pool_status(const PoolStatus& status);
std::string pool_status_json(const PoolStatus& status, bool pretty);

struct Property {
    std::string name; ///< of org.freedesktop.machine1.Image, or of its Manager for the pool
    std::string value;
};
std::vector<Property> properties_of(const ImageRow& row);
std::vector<Property> properties_of(const PoolStatus& status);

/// "KEY=VALUE" lines.
/// @param wanted  names; empty: all
std::string property_lines(const std::vector<Property>& properties,
                           const std::vector<std::string>& wanted, bool value_only);

/// "3 days ago", "2h 5min ago", as systemd says it.
std::string format_age(std::int64_t microseconds, std::int64_t now_us);

} // namespace slipway::cli
