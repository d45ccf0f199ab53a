// The numbers that list-transfers shows.

#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::cli {

/// @throws Error InvalidArgument: no number of a transfer
std::uint32_t parse_transfer_number(std::string_view text);

} // namespace slipway::cli
