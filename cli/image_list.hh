// What list-images prints.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/image_view.hh"
#include "cli/text_table.hh"

namespace slipway::cli {

/// The table with its foot, "3 images listed.", and below it what is no image; with `legend` unset
/// the rows alone. The column MACHINE is there when an image is in use. Times are of the local time
/// zone.
std::string image_list(const ImageRows& rows, bool legend, bool terminal);

/// An array of objects; sizes are bytes, times microseconds since 1970, and null is not known.
std::string image_list_json(const ImageRows& rows, bool pretty);

/// One of them.
nlohmann::ordered_json image_json(const ImageRow& row);

/// "1.2G"; "~1.2G" when that may have changed since; "-" when it is not known.
std::string usage_text(const storage::Usage& usage);

/// "Mon 2024-01-01 10:00:00 UTC".
std::string format_time(std::int64_t microseconds);

} // namespace slipway::cli
