// Numbers start at 1; 0 is nobody's.

#include "cli/transfer_number.hh"

#include <charconv>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {

std::uint32_t parse_transfer_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) {
        throw Error(Kind::InvalidArgument,
                    "{} is no number of a transfer; expected one that list-transfers shows",
                    quoted(text));
    }
    return number;
}

} // namespace slipway::cli
