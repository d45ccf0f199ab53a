// Values as people type them, beside sizes and times (size.hh): whole numbers, yes and no.

#pragma once

#include <charconv>
#include <string_view>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway {

/// Decimal digits and nothing else.
/// @throws Error InvalidArgument
template <typename Number>
Number parse_count(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        throw Error(Kind::InvalidArgument, "{} is not a whole number", quoted(text));
    }
    return number;
}

/// "yes", "true", "on", "1"; "no", "false", "off", "0".
/// @throws Error InvalidArgument
bool parse_truth(std::string_view text);

} // namespace slipway
