// Verbs on a virtual machine: its inside is reached over SSH, with the machine's own key.

#pragma once

#include <string>
#include <vector>

#include "spawn/registry.hh"
#include "toolbox/machine_copy.hh"

namespace slipway::cli {

/// Runs a command in it, on our own standard descriptors, at a terminal where we have one. Without
/// a command: a login shell. @returns its status
/// @param user  empty: the one that its first boot made
/// @throws Error Unsupported: nothing of ours leads into it; as toolbox/ssh_guest.hh
int run_over_ssh(const spawn::MachineRecord& machine, const std::string& user,
                 const std::vector<std::string>& command);

/// @throws Error  as above, and as toolbox/ssh_copy.hh; Canceled: SIGINT, SIGTERM or SIGHUP
void copy_over_ssh(const spawn::MachineRecord& machine, const toolbox::CopyOrder& order);

} // namespace slipway::cli
