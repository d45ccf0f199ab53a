// A machine's network, once the machine is there.

#pragma once

#include <filesystem>

#include "machine/launch_plan.hh"
#include "spawn/guest.hh"

namespace slipway::spawn {

/// Gives the machine its interfaces, both ends of its link to the host their addresses, and has the
/// host masquerade for it, as far as the plan wants any of that. Once after every boot.
/// @param record    has the machine's first process
/// @param machines  the directory of the machines that run: two that start never choose at once
/// @throws Error  what the host lacks; NotFound: the machine has ended
void set_up_network(const machine::LaunchPlan& plan, const MachineRecord& record,
                    const std::filesystem::path& machines);

} // namespace slipway::spawn
