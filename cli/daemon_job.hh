// A job through the daemon: submitted, and followed until it ends or somebody has seen enough.

#pragma once

#include <string>

#include "base/fd.hh"
#include "cli/console.hh"
#include "cli/daemon.hh"
#include "cli/direct_job.hh"
#include "cli/options.hh"
#include "cli/signals.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// Shows the job as run_direct() does, and says on standard error why it failed. SIGINT, SIGTERM
/// and SIGHUP leave the job to the daemon; the status is then 1. So it is when the daemon does not
/// come back. With --wait=no prints the job's number, with --json the job, once it is promised.
/// @param daemon  nobody listens to it yet
/// @param input   of an import
/// @param source  of an import: what to call it
/// @throws Error  the daemon refused the job
JobResult run_through(Daemon& daemon, const transfer::Request& request, Fd input,
                      const std::string& source, const Options& options, Console& console,
                      SignalWatch& signals);

} // namespace slipway::cli
