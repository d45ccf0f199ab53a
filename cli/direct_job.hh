// A job without a daemon: slipway-transfer as a child, the request on its standard input, its
// events from its standard output (docs/protocol.md §1).

#pragma once

#include <string>

#include "cli/console.hh"
#include "cli/job_status.hh"
#include "cli/options.hh"
#include "cli/signals.hh"
#include "transfer/request.hh"

namespace slipway::cli {

struct JobResult {
    int status = 0;       ///< exit status
    int signal = 0;       ///< that came meanwhile: do not go on with others; 0: none
    std::string digest{}; ///< of what an export has written, where it was asked for
};

/// No descriptor for run_direct().
inline constexpr int kNoInput = -1;

/// Runs the job to its end, shows it, and says on standard error why it failed. SIGINT, SIGTERM
/// and SIGHUP cancel it; its end is waited for.
/// @param input  what a request without a path reads, or an export writes; borrowed
/// @throws Error  slipway-transfer is missing or cannot be started
JobResult run_direct(const transfer::Request& request, int input, const Options& options,
                     Console& console, SignalWatch& signals);

} // namespace slipway::cli
