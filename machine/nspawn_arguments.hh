// What of a machine systemd-nspawn(1) is told in the same words by both engines.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "machine/machine_spec.hh"

namespace slipway::machine {

/// Flags from the machine's name on, without those that say where its root is and without the
/// command.
/// @param links  interfaces that the engine gives it; the others come later
std::vector<std::string> nspawn_flags(const MachineSpec& spec, const std::vector<HostLink>& links);

/// "--" and the command, or the arguments of init; nothing when there are none. Whatever they are,
/// none of them becomes a flag.
std::vector<std::string> nspawn_command(const MachineSpec& spec);

} // namespace slipway::machine
