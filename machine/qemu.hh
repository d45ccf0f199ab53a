// The plan of a virtual machine.

#pragma once

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// What is kept of a machine from one start to the next; of an ephemeral one until its end, beside
/// that of a machine which has its name and stays.
/// @param kept  of all machines
std::filesystem::path kept_directory(const MachineSpec& spec, const std::filesystem::path& kept);

/// @throws Error Unsupported: the image is no disk, the host lacks what it needs (names the
///         package), or a virtual machine cannot be what was asked for
LaunchPlan plan_qemu(MachineSpec spec, const HostFacts& host);

} // namespace slipway::machine
