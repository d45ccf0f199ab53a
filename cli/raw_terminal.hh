// A terminal whose keys mean something elsewhere.

#pragma once

#include <termios.h>

namespace slipway::cli {

/// While this lives, standard input's terminal is without line editing, echo and signals. Nothing
/// happens where it is no terminal.
class RawTerminal {
public:
    RawTerminal() noexcept;
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

private:
    bool is_terminal_;
    termios saved_{};
};

} // namespace slipway::cli
