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

/// All but its own name. The seed disk, and the credentials among the files, are the plan's.
/// @param variables  of UEFI, the machine's own; not for BIOS
std::vector<std::string> qemu_arguments(const MachineSpec& spec, const HostFacts& host,
                                        const LaunchPlan& plan,
                                        const std::filesystem::path& variables);

/// The name of its network device, for the monitor.
inline constexpr const char* kNetworkId = "network";

/// "52:54:00:…", the same for a name at all times.
std::string mac_address_of(std::string_view machine);

} // namespace slipway::machine
