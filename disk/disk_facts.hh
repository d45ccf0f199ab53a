// All that is looked at to say how a disk boots.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "disk/content.hh"
#include "disk/partition_table.hh"

namespace slipway::disk {

inline constexpr std::string_view kEfiSystem = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
inline constexpr std::string_view kMbrEfiSystem = "ef";

struct PartitionFacts {
    Content content{};
    /// Of an EFI system partition: the files in \EFI\BOOT, upper case. Nothing: it has no such
    /// directory.
    std::optional<std::vector<std::string>> boot_files{};
    bool operator==(const PartitionFacts&) const = default;
};

struct DiskFacts {
    PartitionTable table{};
    Content whole{};                        ///< what the disk begins with
    std::vector<PartitionFacts> contents{}; ///< of table.partitions, in their order
    bool operator==(const DiskFacts&) const = default;
};

/// Looks at an open disk: its table, what the first 128 partitions begin with, what the first four
/// EFI system partitions among them hold. Less than 8 MiB are read, whatever it is.
/// @param disk  opened for reading; borrowed, its position moves
/// @throws Error  it cannot be read
DiskFacts look_at_disk(int disk);

} // namespace slipway::disk
