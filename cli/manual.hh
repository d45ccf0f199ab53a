// slipway(1), from the tables and base/outcome.def.

#pragma once

#include <string>
#include <string_view>

namespace slipway::cli {

/// In roff, for man(7).
std::string manual(std::string_view version);

} // namespace slipway::cli
