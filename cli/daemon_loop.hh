// One loop over the bus, the signals, and whatever waits to be written. Nothing in it waits for a
// reader of ours or for the daemon, so that C-c is always heard.

#pragma once

#include <optional>

#include "base/wait.hh"
#include "cli/console.hh"
#include "cli/daemon.hh"
#include "cli/signals.hh"

namespace slipway::cli {

class DaemonLoop {
public:
    /// All are borrowed.
    DaemonLoop(Daemon& daemon, Console& console, SignalWatch& signals)
        : daemon_(daemon), console_(console), signals_(signals) {}

    /// Waits until something came or the deadline has passed, and lets the daemon's listener hear
    /// it. The signal that came, SIGWINCH included.
    /// @throws Error Network: the bus is gone
    std::optional<int> round(const Deadline& deadline = {});

private:
    Daemon& daemon_;
    Console& console_;
    SignalWatch& signals_;
};

} // namespace slipway::cli
