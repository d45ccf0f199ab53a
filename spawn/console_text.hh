// What machines have printed, for people: nothing in it moves a cursor.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway::spawn {

/// A line without its end, for a terminal: sequences that colour or move are left out (ECMA-48,
/// 5.4 and 5.6), other control characters are escaped.
std::string plain_line(std::string_view line);

/// The same for each line of a text; a last line without end gets one.
std::string plain_text(std::string_view text);

/// The last lines of a text, as they are.
std::string_view last_lines_of(std::string_view text, std::size_t count);

} // namespace slipway::spawn
