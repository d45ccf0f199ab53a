// systemd-nspawn under slipway-supervise, where no systemd is the host's first process.

#pragma once

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// @throws Error Unsupported: a tool of the host is missing; names the package
LaunchPlan plan_nspawn_direct(const MachineSpec& spec, const HostFacts& host);

} // namespace slipway::machine
