// What can be said about space before the first byte is unpacked, and the words for a volume that
// turned out to be full.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/pool.hh"

namespace slipway::transfer {

/// The volume of a pool as it is just now.
struct Volume {
    storage::FileSystem file_system;
    std::string space; ///< Pool::space()
};

/// Refuses what cannot succeed.
/// @param packed_bytes  the input's length where it is known
/// @throws Error NoSpace: bytes or inodes, needed and free
void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes);

/// To be put behind the message of an error of Kind::NoSpace: which volume, what it has left, what
/// the image had taken.
std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes, std::uint64_t entries);

} // namespace slipway::transfer
