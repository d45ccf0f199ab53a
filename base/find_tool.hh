// Programs of the system that we start.

#pragma once

#include <filesystem>
#include <string_view>

namespace slipway {

/// Where distributions put it, whatever PATH says; empty: it is in none of these places.
std::filesystem::path find_tool(std::string_view name);

} // namespace slipway
