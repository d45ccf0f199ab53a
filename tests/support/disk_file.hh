// Disks as files: made to a plan, and compared by content and by where their holes are.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hh"
#include "base/fd.hh"

namespace slipway::tests {

/// What lies somewhere in a disk; everything else is zeros.
enum class Fill {
    Noise, ///< does not pack
    Half,  ///< packs to about half
    Text,  ///< packs well
    Ones,  ///< packs to nothing
};

struct Stretch {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    Fill fill = Fill::Noise;
};

/// The content of `stretch`, the same whenever it is asked for.
std::string content_of(const Stretch& stretch);

/// A sparse file of exactly `size_bytes` with these stretches.
void make_disk(const std::filesystem::path& path, std::uint64_t size_bytes,
               const std::vector<Stretch>& stretches);

/// Stretches that try borders of sectors, blocks, clusters and of a disk of `size_bytes` (≥ 8 MiB).
std::vector<Stretch> varied_stretches(std::uint64_t size_bytes);

/// Where a file has data, in multiples of 4 KiB, as its content demands: what is not all zeros.
/// Only what is allocated is read.
std::vector<std::pair<std::uint64_t, std::uint64_t>> data_map(const std::filesystem::path& path);
/// Where the file system says that it has data (lseek(2), SEEK_DATA).
std::vector<std::pair<std::uint64_t, std::uint64_t>>
allocated_map(const std::filesystem::path& path);
/// st_blocks in bytes, after a sync of the file.
std::uint64_t allocated_bytes(const std::filesystem::path& path);
/// How many bytes of its first 100 extents lie in blocks that another file has, too (FIEMAP).
std::uint64_t shared_bytes(const std::filesystem::path& path);

/// Empty when both hold the same bytes and have the same length, else where they part. Holes of
/// both are not read.
std::string difference(const std::filesystem::path& a, const std::filesystem::path& b);

/// Opened O_RDWR, made, emptied.
Fd make_file(const std::filesystem::path& path);
/// An empty file without a name in this directory.
Fd make_nameless(const std::filesystem::path& directory);

} // namespace slipway::tests
