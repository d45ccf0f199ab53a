// Programs of the system that we start.

#pragma once

#include <filesystem>
#include <string_view>

namespace slipway {

/// Where distributions put it, whatever PATH says; empty: it is in none of these places.
std::filesystem::path find_tool(std::string_view name);

/// The same of one that has to be there.
/// @param package  of Debian, that it comes with
/// @throws Error NotFound: names both
std::filesystem::path expect_tool(std::string_view name, std::string_view package);

} // namespace slipway
