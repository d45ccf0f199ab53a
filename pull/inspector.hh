// What a stored system says of itself, and how a stored disk boots, as `slipway-unpack inspect` and
// `inspect-disk` read it (docs/protocol.md §3): the keeper's end.

#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/outcome.hh"
#include "disk/boot_ways.hh"

namespace slipway::pull {

/// What it does not say is empty.
struct SystemIdentity {
    std::string host_name;                           ///< hostname(5)
    std::string machine_id;                          ///< 32 hexadecimal digits, machine-id(5)
    std::map<std::string, std::string> machine_info; ///< machine-info(5)
    std::map<std::string, std::string> os_release;   ///< os-release(5)
};

std::string to_json(const SystemIdentity& identity);
std::string to_json(const disk::BootWays& ways);
std::string inspect_failure_json(Kind kind, std::string_view text);

/// Has a confined slipway-unpack, which sees nothing but the tree, read it.
/// @param tree  opened O_RDONLY; borrowed
/// @throws Error  Internal: it died: how; Canceled
SystemIdentity inspect_tree(int tree, const std::stop_token& stop);

/// Has a confined slipway-unpack, which sees nothing at all, look at the disk.
/// @param disk  a file or block device opened for reading; borrowed, its position moves
/// @throws Error  what it says, when the disk cannot be read; Internal: it died: how; Canceled
disk::BootWays inspect_disk(int disk, const std::stop_token& stop);

} // namespace slipway::pull
