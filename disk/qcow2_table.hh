// One entry of a qcow2 L2 table: where a cluster of the disk lies in the image.

#pragma once

#include <cstdint>

#include "base/bytes.hh"
#include "disk/qcow2_header.hh"

namespace slipway::disk {

enum class ClusterKind {
    Hole,     ///< reads as zeros, and nothing lies in the image for it
    Reserved, ///< reads as zeros; a place in the image is kept for it
    Data,     ///< lies in the image as it is
    Packed,   ///< lies in the image compressed
};

struct Cluster {
    ClusterKind kind = ClusterKind::Hole;
    std::uint64_t offset = 0;        ///< in the image
    std::uint64_t length = 0;        ///< of Packed: at most so many bytes, sectors filled up
    std::uint32_t subclusters = ~0U; ///< of Data: bit n: the n-th 32nd of it is data, else zeros
};

/// The entry `index` of an L2 table, which is one cluster.
/// @throws Error  Corrupt: no place in an image can look like this
Cluster read_l2_entry(Bytes table, std::uint64_t index, const Qcow2Header& header);

/// Where an L1 entry leads; 0 where nothing of its stretch of the disk is in the image.
/// @throws Error  Corrupt
std::uint64_t read_l1_entry(std::uint64_t entry, const Qcow2Header& header);

} // namespace slipway::disk
