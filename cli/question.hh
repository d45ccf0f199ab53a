// Yes or no, asked of whoever sits at the terminal.

#pragma once

#include <string_view>

#include "cli/console.hh"

namespace slipway::cli {

/// Standard input is a terminal: somebody can answer.
bool can_ask() noexcept;

/// Prints "QUESTION [y/N] " on standard error and reads a line. Only "y" and "yes", in either case,
/// are a yes.
bool ask(Console& console, std::string_view question);

} // namespace slipway::cli
