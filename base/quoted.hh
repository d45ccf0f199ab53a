// Text from outside (names in archives, headers, replies of servers, URLs) on its way to a person.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

/// `text` in single quotes with control characters, quotes, backslashes and invalid UTF-8
/// escaped, so that it can neither colour a terminal nor forge a log line. Longer than
/// `limit_bytes`: cut, with "…" in front of the closing quote.
/// An object, not a function: for a std::string argument the compiler would otherwise prefer
/// std::quoted of <iomanip>, which <filesystem> brings in.
inline constexpr struct Quoted {
    std::string operator()(std::string_view text, std::size_t limit_bytes = 400) const;
} quoted{};

/// The same without the quotes; for text that is quoted by its surroundings.
std::string escaped(std::string_view text, std::size_t limit_bytes = 400);

/// A message that another program of ours has composed: as it is, since it has quoted what it took
/// from outside; escaped as a whole when it holds what quoted() would never have let through,
/// which only a program that was taken over sends.
std::string relayed(std::string_view text, std::size_t limit_bytes = 1000);

/// `text` as it is when it is valid UTF-8, else with each invalid byte as "\xHH": what a JSON
/// string can hold.
std::string to_utf8(std::string_view text);

} // namespace slipway
