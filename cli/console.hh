// What a verb talks to: standard output for results, standard error for people.

#pragma once

#include <cstddef>
#include <string_view>

#include "cli/options.hh"
#include "cli/output.hh"

namespace slipway::cli {

struct Console {
    Output out;
    Output err;
    bool out_is_terminal = false;
    bool err_is_terminal = false; ///< one that can redraw a line
    bool out_can_redraw = false;
};

/// Standard output and standard error of this process.
Console standard_console();

/// Of the terminal behind `fd`; 80 and 24 when it does not say.
std::size_t terminal_columns(int fd) noexcept;
std::size_t terminal_rows(int fd) noexcept;

/// "slipway: TEXT", on standard error.
void print_error(Console& console, std::string_view text);

/// For verbs whose result is their output: writes it, and waits until it is written. A reader that
/// left early is fine.
/// @throws Error  it could not be written
void print_result(Console& console, std::string_view text);

/// Whether --json asks for indented output.
bool pretty_json(const Options& options, const Console& console) noexcept;

} // namespace slipway::cli
