// What is the same in the plans of both engines: the machine's network on the host's side, files
// that are written first, and what remains of either.

#pragma once

#include <string>
#include <vector>

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// The interfaces of the host that the machine gets, its only one included.
std::vector<HostLink> links_of(const MachineSpec& spec);

/// Links and tables that the host has as long as the machine runs; says what they are for.
void plan_network(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host);

/// The control groups of a machine that we keep. Planned last, gone first: what runs in them holds
/// the rest.
/// @throws Error Unsupported: the host has none
void plan_cgroups(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host);

/// @returns the flags that name the files
std::vector<std::string> plan_credentials(LaunchPlan& plan, const MachineSpec& spec,
                                          const HostFacts& host);

} // namespace slipway::machine
