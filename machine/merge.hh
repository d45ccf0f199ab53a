// From what is said of a machine to what it shall be.

#pragma once

#include "machine/machine_spec.hh"
#include "machine/settings.hh"

namespace slipway::machine {

/// A person's flags stand above the file that counts, and that above the defaults.
/// - A single value is the highest one's. Whether the machine boots, and what runs otherwise, is
/// one
///   value; so are its users, and its network with all interfaces and ports.
/// - Variables and limits are put together by their names.
/// - A list of a person stands in place of the file's, but what a file drops or filters stays so:
///   capabilities that the person does not add, system calls.
/// @param image  a specification with name, image, root, type and root_hash; else the defaults
/// @throws Error InvalidArgument: they exclude each other, or the name is none for a machine
MachineSpec merge(MachineSpec image, const Settings& flags, const SettingsFile& file);

} // namespace slipway::machine
