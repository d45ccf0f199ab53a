// Kinds of signatures that cannot be read here, recognised to be named. Pure.

#pragma once

#include <string_view>

namespace slipway::check {

/// "S/MIME", "an SSH signature" …; empty when the bytes are of no such kind, and perhaps of none.
std::string_view unsupported_kind(std::string_view content);

} // namespace slipway::check
