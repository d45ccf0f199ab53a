// Disk images for whole transfers, made by the real tools.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace slipway::tests {

/// A sparse file: a GPT with one ext4 partition of `size_mib` less two, in which the tree lies.
void make_partitioned_disk(const std::filesystem::path& file, const std::filesystem::path& tree,
                           unsigned size_mib);

/// What is wrong with the file system in that partition; empty when fsck finds nothing.
std::string fsck_partition(const std::filesystem::path& disk);

/// A sparse file with `data_bytes` that no codec makes smaller, in pieces of 64 KiB that are spread
/// over it; the rest is holes.
void make_sparse_disk(const std::filesystem::path& file, std::uint64_t size_bytes,
                      std::uint64_t data_bytes);

/// The same disk as qcow2, by qemu-img.
/// @param options  more words for `qemu-img convert`: "-c", "-o", "compression_type=zstd"
void make_qcow2(const std::filesystem::path& from, const std::filesystem::path& to,
                const std::vector<std::string>& options = {});

/// How two files differ, as cmp(1) says it; empty when they do not.
std::string byte_difference(const std::filesystem::path& one, const std::filesystem::path& other);

} // namespace slipway::tests
