// The partition types that say for which architecture a partition is the root or /usr of a system:
// the Discoverable Partitions Specification of the UAPI group.

#pragma once

#include <optional>
#include <string_view>

namespace slipway::disk {

struct SystemPartition {
    std::string_view architecture; ///< "x86-64"
    bool is_root = true;           ///< else /usr
};

/// @param type  Partition::type of a GPT
std::optional<SystemPartition> find_system_partition(std::string_view type);

/// What a host calls itself by uname(2) ("x86_64"), and what it can run.
struct HostArchitecture {
    std::string_view machine;
    std::string_view native;    ///< "x86-64"
    std::string_view secondary; ///< "x86"; empty: none
    std::string_view loader;    ///< what UEFI looks for in \EFI\BOOT: "BOOTX64.EFI"
    bool has_bios = false;
};

/// Nothing for one that is not known here.
std::optional<HostArchitecture> find_host_architecture(std::string_view machine);

} // namespace slipway::disk
