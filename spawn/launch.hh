// Starting slipway-supervise for a machine, and hearing how far it gets.

#pragma once

#include <chrono>
#include <string>

#include <sys/types.h>

#include "machine/launch_plan.hh"

namespace slipway::spawn {

enum class Until { Running, Ready };

struct Launched {
    pid_t leader = 0;
    bool is_ready = false; ///< asked for Ready: false when `patience` was over before
};

/// Returns when the machine is as far as was asked for; it goes on without us.
/// @throws Error  as its supervisor met it; Other: it ended while it booted
Launched launch(const machine::LaunchPlan& plan, Until until, std::chrono::seconds patience);

/// Runs a machine that is not booted to its end, on our own standard descriptors: its status.
/// SIGINT and SIGTERM are passed on to what runs in it, SIGHUP as SIGTERM; a second one kills it.
/// The status is then 128 and the signal's number. SIGWINCH is passed on, too.
/// @throws Error  as its supervisor met it
int launch_and_wait(machine::LaunchPlan plan);

} // namespace slipway::spawn
