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
    volume::FileSystem file_system;
    std::string space; ///< Pool::space()
};

/// Refuses what cannot succeed.
/// @param packed_bytes  the input's length where it is known
/// @throws Error NoSpace: bytes or inodes, needed and free
void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes);

/// Of a disk, what is zero takes no room, so that one longer than what is free is worth a try:
/// refused is only what no file here can hold.
/// @param file  the staging's, empty; its file system is asked how long a file may be
/// @throws Error NoSpace
void check_disk_size(const Volume& volume, std::uint64_t size_bytes, int file);

/// Why a disk of that size may not fit, for people; empty: it fits.
std::string doubt_of_disk(const Volume& volume, std::uint64_t size_bytes);

/// Refuses a tree of which is known what it holds.
/// @throws Error NoSpace: bytes or inodes, needed and free
void check_tree_space(const Volume& volume, std::uint64_t size_bytes, std::uint64_t inodes);

/// To be put behind the message of an error of Kind::NoSpace: which volume, what it has left, what
/// the image had taken.
/// @param entries  of a tree
std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes,
                     std::optional<std::uint64_t> entries);

} // namespace slipway::transfer
