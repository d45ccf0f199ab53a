// The header of a qcow2 image (QEMU, docs/interop/qcow2.txt): what is needed to read the active
// disk, and every reason not to.

#pragma once

#include <cstdint>

#include "base/bytes.hh"

namespace slipway::disk {

struct Qcow2Header {
    unsigned cluster_bits = 16;
    std::uint64_t size_bytes = 0; ///< of the disk
    std::uint64_t l1_offset = 0;
    std::uint64_t l1_entries = 0; ///< that the disk's size needs; what lies behind is not read
    std::uint64_t refcount_offset = 0;
    std::uint64_t refcount_clusters = 0;
    bool zstd = false;        ///< compressed clusters are zstd's, not raw deflate
    bool extended_l2 = false; ///< clusters have 32 subclusters
    bool zero_flag = false;   ///< version 3: an entry may say that its cluster reads as zeros
    bool dirty = false;       ///< not closed cleanly

    std::uint64_t cluster_bytes() const noexcept { return std::uint64_t{1} << cluster_bits; }
    std::uint64_t l2_entry_bytes() const noexcept { return extended_l2 ? 16 : 8; }
    std::uint64_t l2_entries() const noexcept { return cluster_bytes() / l2_entry_bytes(); }
    /// How much of the disk one L2 table maps.
    std::uint64_t l2_span() const noexcept { return l2_entries() * cluster_bytes(); }
};

/// A header, its extensions and names lie in so many bytes, or are shown without the names.
inline constexpr std::size_t kQcow2HeadBytes = 64 * KiB;

/// Whether an image of any version starts so.
bool is_qcow2(Bytes head) noexcept;

/// @param head  the first kQcow2HeadBytes of the image, or all of it
/// @throws Error  Unsupported: a backing file, an external data file, encryption, a feature or
///                version that is unknown; Corrupt: the image says so itself, or its header cannot
///                be true; Limit: its tables would be larger than any real disk needs. Names what
///                it is and the command of qemu-img that helps. No other file is looked at.
Qcow2Header parse_qcow2_header(Bytes head);

} // namespace slipway::disk
