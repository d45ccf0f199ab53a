// Archives for whole transfers, packed by the real tools.

#pragma once

#include <filesystem>
#include <string>

namespace slipway::tests {

/// Packs what lies in `tree` with GNU tar, in pax format, attributes included, and compresses it as
/// the suffix says: "", ".gz", ".xz", ".zst", ".bz2", ".lz4". The archive's bytes.
std::string pack(const std::filesystem::path& tree, const std::string& suffix = "");

/// The same bytes, compressed as the suffix says.
std::string compress(const std::string& bytes, const std::string& suffix);

/// A tree of directories with `files` small files of different content, and usr/lib/os-release.
void make_plain_tree(const std::filesystem::path& root, int files);

/// A tree with one file "blob" that no codec makes smaller, and usr/lib/os-release.
void make_large_tree(const std::filesystem::path& root, std::uint64_t size_bytes);

/// The digest of `bytes` as coreutils say it.
std::string sha256_of(const std::string& bytes);

} // namespace slipway::tests
