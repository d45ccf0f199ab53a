// The signals that end or concern a transfer, as something to wait for.

#pragma once

#include <optional>

#include "base/fd.hh"

namespace slipway::cli {

/// Takes SIGINT, SIGTERM, SIGHUP and SIGWINCH for the rest of the process: even one that comes
/// after the end of a transfer must not change how that ended. A signal that was ignored when the
/// program started (nohup(1), a shell's background job) stays ignored.
class SignalWatch {
public:
    SignalWatch();

    /// Readable when a signal waits.
    int fd() const noexcept { return fd_.get(); }
    /// The next signal that waits, if one does.
    std::optional<int> next() noexcept;

private:
    Fd fd_;
};

} // namespace slipway::cli
