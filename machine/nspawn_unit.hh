// systemd-nspawn as a service of the host's systemd: systemd-nspawn@NAME.service where that does
// what is asked for, so that drop-ins and `machinectl enable` hold, else a transient unit like it.

#pragma once

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// The plan names the unit. Without arguments it is to be started as it is, and reads the settings
/// itself; with them it is to be made.
LaunchPlan plan_nspawn_unit(const MachineSpec& spec, const HostFacts& host);

} // namespace slipway::machine
