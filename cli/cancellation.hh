// Canceling several jobs of the daemon's at once.

#pragma once

#include <cstdint>
#include <vector>

#include "cli/console.hh"
#include "cli/daemon.hh"
#include "cli/direct_job.hh"
#include "cli/signals.hh"

namespace slipway::cli {

/// Cancels all, waits until each has ended (for seconds), and says on standard error what could not
/// be canceled, in the order of `numbers`. The status is that of the first such failure.
/// @param daemon  nobody listens to it yet
JobResult cancel_and_wait(Daemon& daemon, const std::vector<std::uint32_t>& numbers,
                          Console& console, SignalWatch& signals);

} // namespace slipway::cli
