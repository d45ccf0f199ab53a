// Starting a machine as a service of the host's systemd.

#pragma once

#include "spawn/launch.hh"

namespace slipway::toolbox {

/// Returns when the machine is as far as was asked for. Its unit goes on without us, and what the
/// plan says is to be undone after it is undone by systemd.
/// @param plan  of NspawnUnit
/// @throws Error Busy: a machine of that name runs; Other: the unit failed, with what the engine
///         said last; as the bus answers
spawn::Launched launch_unit(const machine::LaunchPlan& plan, spawn::Until until,
                            std::chrono::seconds patience);

} // namespace slipway::toolbox
