// Files of NAME=VALUE lines, as os-release(5) and machine-info(5) are written.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace slipway::unpack {

/// Names are [A-Za-z_][A-Za-z0-9_]*; values may be in single or double quotes, with backslashes as
/// in a shell's, and nothing is expanded. Of a name that comes twice the last value counts.
/// Comments, and lines that are anything else, are passed over; so is what goes beyond 256 names
/// and 4 KiB a value.
std::map<std::string, std::string> read_assignments(std::string_view text);

} // namespace slipway::unpack
