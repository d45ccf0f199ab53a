// What a disk or a partition begins with, told by its signature: enough to say whether a file
// system is there, not whether it is a good one.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hh"

namespace slipway::disk {

enum class Holds {
    Unknown,    ///< something that is not known here
    Blank,      ///< zeros, as far as was looked
    FileSystem, ///< one that Linux mounts
    Encrypted,
    DiskImage, ///< a disk in another format: it is a file where a disk should be
};

struct Content {
    Holds holds = Holds::Unknown;
    std::string_view name{}; ///< "ext4", "LUKS", "qcow2"; empty: unknown or blank
    bool operator==(const Content&) const = default;
};

/// @param head  as much of the start as there is; 68 KiB are enough
Content find_content(Bytes head);

/// Reads 8 KiB of those that follow byte `start_bytes` of an open disk.
/// @throws Error  it cannot be read there
Content find_content_at(int disk, std::uint64_t start_bytes);

} // namespace slipway::disk
