// How many columns of a terminal a text takes.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway::cli {

/// Columns of UTF-8 text: wide characters take two, combining ones none. Bytes that are no UTF-8
/// count one each.
std::size_t text_width(std::string_view text);

/// `text` when it fits into `columns`, else as much as fits with "…" behind it.
std::string cut_to_width(std::string_view text, std::size_t columns);

} // namespace slipway::cli
