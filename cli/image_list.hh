// What list-images prints.

#pragma once

#include <string>
#include <vector>

#include "cli/text_table.hh"
#include "storage/pool.hh"

namespace slipway::cli {

/// The table with its foot, "3 images listed."; with `legend` unset the rows alone. Times are of
/// the local time zone.
std::string image_list(const std::vector<storage::Image>& images, bool legend, bool terminal);

/// An array of objects with name, type, ro, created (microseconds since 1970, or null).
std::string image_list_json(const std::vector<storage::Image>& images, bool pretty);

/// "Mon 2024-01-01 10:00:00 UTC".
std::string format_time(std::int64_t microseconds);

} // namespace slipway::cli
