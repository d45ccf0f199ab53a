// A person at the terminal here, and a terminal of a machine.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/ioctl.h>

namespace slipway::cli {

/// The terminal of a machine.
class FarTerminal {
public:
    virtual ~FarTerminal() = default;
    /// Readable when take() has something.
    virtual int fd() const = 0;
    /// Readable when the machine has ended; -1 when take() tells.
    virtual int end_fd() const = 0;
    /// What was printed; nothing when it is closed.
    virtual std::optional<std::string> take() = 0;
    virtual void type(std::string_view bytes) = 0;
    virtual void resize(const winsize& size) = 0;
};

enum class SessionEnd {
    Left,   ///< by the person, or by the end of input
    Closed, ///< by the other end
};

/// Passes on both ways until one of them has had enough.
SessionEnd run_console_session(FarTerminal& far);

} // namespace slipway::cli
