// tcsetattr(3).

#include "cli/raw_terminal.hh"

#include <unistd.h>

namespace slipway::cli {

RawTerminal::RawTerminal() noexcept : is_terminal_(::tcgetattr(STDIN_FILENO, &saved_) == 0) {
    if (is_terminal_) {
        termios raw = saved_;
        ::cfmakeraw(&raw);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
}

RawTerminal::~RawTerminal() {
    if (is_terminal_) {
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_);
    }
}

} // namespace slipway::cli
