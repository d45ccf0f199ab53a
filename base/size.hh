// Amounts for people: sizes to base 1024 with one letter (as machinectl prints them), times.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway {

/// "512B", "1.2G".
std::string format_size(std::uint64_t bytes);

/// "1536", "1.5K", "20G"; suffixes K M G T P E, base 1024, optionally followed by "B" or "iB".
/// @throws Error InvalidArgument
std::uint64_t parse_size(std::string_view text);

/// "2min 11s", "45s", "350ms".
std::string format_duration(std::chrono::milliseconds duration);

/// "30", "30s", "250ms", "2min", "1h", "30d"; a bare number is seconds.
/// @throws Error InvalidArgument
std::chrono::milliseconds parse_duration(std::string_view text);

} // namespace slipway
