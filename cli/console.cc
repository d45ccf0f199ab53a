// The terminal's own words: TERM, TIOCGWINSZ (ioctl_tty(2)).

#include "cli/console.hh"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {

Console standard_console() {
    const char* term = std::getenv("TERM");
    const bool can_redraw = term != nullptr && std::string_view(term) != "dumb";
    const bool out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
    return {Output(STDOUT_FILENO), Output(STDERR_FILENO), out_is_terminal,
            can_redraw && ::isatty(STDERR_FILENO) == 1, can_redraw && out_is_terminal};
}

std::size_t terminal_columns(int fd) noexcept {
    constexpr std::size_t kUsual = 80;
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::size_t terminal_rows(int fd) noexcept {
    constexpr std::size_t kUsual = 24;
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : kUsual;
}

void print_error(Console& console, std::string_view text) {
    console.err.add(fmt::format("slipway: {}\n", relayed(text)));
}

void print_result(Console& console, std::string_view text) {
    console.out.add(text);
    console.out.drain();
    if (const int number = console.out.error(); number != 0 && number != EPIPE) {
        throw Error(kind_of_errno(number), "cannot write to standard output: {}",
                    errno_text(number));
    }
}

bool pretty_json(const Options& options, const Console& console) noexcept {
    return options.json == JsonForm::Pretty ||
           (options.json == JsonForm::Auto && console.out_is_terminal);
}

} // namespace slipway::cli
