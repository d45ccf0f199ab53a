// The machines that run, for the verbs that deal with them.

#pragma once

#include <chrono>
#include <string>

#include "cli/console.hh"
#include "spawn/guest.hh"
#include "spawn/registry.hh"

namespace slipway::cli {

/// The registry, after what dead supervisors have left was cleaned up: every verb that touches a
/// machine begins with that, and says so on standard error.
spawn::Registry open_machines(Console& console);

/// @throws Error NotFound: it does not run
spawn::MachineRecord find_machine(const spawn::Registry& machines, const std::string& name);

/// Until its supervisor has cleaned up. False after `patience`.
bool wait_for_end(const spawn::MachineRecord& machine, std::chrono::seconds patience);

} // namespace slipway::cli
