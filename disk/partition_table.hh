// The partitions of a disk: GPT (UEFI specification 2.10, §5) and MBR with its chain of logical
// partitions. Nothing that a table says of itself is believed before it has been compared with the
// disk's size and its checksums; whatever it says, less than 3 MiB are read.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slipway::disk {

enum class TableKind { None, Mbr, Gpt };

struct Partition {
    unsigned number = 0;           ///< as Linux counts them: from 1, logical ones from 5
    std::uint64_t start_bytes = 0; ///< on the disk
    std::uint64_t size_bytes = 0;  ///< it may end behind the end of the disk
    std::string type{};            ///< of GPT the GUID in lower case, of MBR two digits: "83"
    bool bootable = false;         ///< of GPT for a BIOS (attribute 2), of MBR active
    bool no_auto = false;          ///< not to be mounted by itself (GPT attribute 63)
    std::string label{};           ///< of GPT; UTF-8, as it is there: not fit for a terminal
    std::uint64_t end_bytes() const noexcept { return start_bytes + size_bytes; }
    bool operator==(const Partition&) const = default;
};

struct PartitionTable {
    TableKind kind = TableKind::None;
    unsigned sector_bytes = 512;  ///< that the table counts in: 512 or 4096
    std::uint64_t disk_bytes = 0; ///< of the whole disk
    bool boot_code = false;       ///< the first sector has a program for a BIOS
    bool from_backup = false;     ///< GPT: the table at the start is damaged
    std::vector<Partition> partitions{};
    std::string problem{}; ///< why a GPT that is there cannot be used, a clause; else empty
    bool operator==(const PartitionTable&) const = default;
};

/// Reads the table of an open disk. A damaged one is a result, not an error.
/// @param disk  a file or block device, opened for reading; borrowed, its position moves
/// @throws Error  it cannot be read
PartitionTable read_partition_table(int disk);

} // namespace slipway::disk
