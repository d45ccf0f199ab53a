// The known word that a mistyped one is likely to mean.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace slipway {

/// The word of `known` that is the fewest single-letter changes away; nothing when none is near
/// enough to be meant.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known);

} // namespace slipway
