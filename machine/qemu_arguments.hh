// What qemu is asked for, in its words (qemu(1)).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// Descriptors that it gets: of its monitor, and of the guest's port org.slipway.ready.
inline constexpr int kMonitorFd = 3;
inline constexpr int kReadyFd = 4;

/// All but its own name.
/// @param variables  of UEFI, the machine's own; not for BIOS
/// @param link       the host's end of the machine's network, where it has one
std::vector<std::string> qemu_arguments(const MachineSpec& spec, const HostFacts& host,
                                        const std::filesystem::path& variables,
                                        const std::string& link);

/// "52:54:00:…", the same for a name at all times.
std::string mac_address_of(std::string_view machine);

} // namespace slipway::machine
