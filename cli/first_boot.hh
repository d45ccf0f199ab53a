// What a virtual machine is told when it boots for the first time, from what a person says and the
// key that is made for it.

#pragma once

#include <filesystem>

#include "cli/options.hh"
#include "machine/machine_spec.hh"

namespace slipway::cli {

/// Where what is kept of all machines lies.
std::filesystem::path kept_machines();

/// Gives the machine its key, user, name and packages. What was kept of another image that had the
/// machine's name before is thrown away: its firmware's variables and its host key are not this
/// one's.
/// @throws Error InvalidArgument: --user is no name for one; NotFound: there is no ssh-keygen
machine::FirstBoot prepare_first_boot(const machine::MachineSpec& spec, const Options& options);

} // namespace slipway::cli
