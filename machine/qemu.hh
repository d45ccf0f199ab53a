// The plan of a virtual machine.

#pragma once

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// @throws Error Unsupported: the image is no disk, the host lacks what it needs (names the
///         package), or a virtual machine cannot be what was asked for
LaunchPlan plan_qemu(MachineSpec spec, const HostFacts& host);

} // namespace slipway::machine
