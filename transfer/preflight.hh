// What can be said about space before the first byte is unpacked, and the words for a volume that
// turned out to be full.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "storage/pool.hh"

namespace slipway::transfer {

/// A pool and the state of its volume, as read just now.
struct Volume {
    std::filesystem::path pool;
    storage::FileSystem file_system;
};

/// Refuses what cannot succeed.
/// @param packed_bytes  the input's length where it is known: what is unpacked is at least as large
/// @throws Error NoSpace: bytes or inodes, needed and free; Denied: mounted read-only
void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes);

/// Put behind the message of an error of Kind::NoSpace: which volume, what it has left, what the
/// image had taken.
std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes, std::uint64_t entries);

} // namespace slipway::transfer
