// The machines that run, for the verbs that deal with them.

#pragma once

#include <string>
#include <vector>

#include "cli/console.hh"
#include "spawn/guest.hh"
#include "spawn/registry.hh"

namespace slipway::cli {

/// The registry, after what dead supervisors have left was cleaned up: every verb that touches a
/// machine begins with that, and says so on standard error.
spawn::Registry open_machines(Console& console);

/// The machines of the registry, and on a host with systemd those of machined, sorted by name.
std::vector<spawn::MachineRecord> list_machines(const spawn::Registry& machines);

/// One of them.
/// @throws Error NotFound: it does not run
spawn::MachineRecord find_machine(const spawn::Registry& machines, const std::string& name);

/// For what its supervisor alone has: systemd keeps the console of a unit to itself.
/// @throws Error Unsupported: the machine is a unit of the host's systemd; `advice` says what to do
void refuse_unit(const spawn::MachineRecord& machine, const std::string& advice);

} // namespace slipway::cli
