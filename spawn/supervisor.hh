// One machine from its start to its end, whoever else comes and goes.

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "machine/launch_plan.hh"
#include "spawn/launch_event.hh"
#include "spawn/machine_console.hh"
#include "spawn/registry.hh"

namespace slipway::spawn {

struct Supervision {
    machine::LaunchPlan plan;
    Registry registry{};
    std::optional<PassedDescriptors> passed{}; ///< with plan.passes_descriptors
    /// A signalfd: SIGWINCH is the engine's, kRebootSignal asks for a reboot, any other for an
    /// orderly poweroff; a command gets it, and is killed by a second one.
    int stop_signals = -1;
    std::function<void(const LaunchEvent&)> tell;
    std::chrono::seconds stop_patience{90}; ///< for a poweroff; then everything is killed
};

/// Holds the image's lock, makes what the plan needs, boots, boots again when the machine asks for
/// it, and undoes everything at the end, whatever the end is. Tells how it goes; Failed or Ended
/// comes last.
void supervise(Supervision what);

} // namespace slipway::spawn
