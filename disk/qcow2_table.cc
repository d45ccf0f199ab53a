// Masks and shifts from the format's chapters "Cluster mapping" and "Extended L2 Entries".

#include "disk/qcow2_table.hh"

#include "base/error.hh"
#include "disk/big_endian.hh"

namespace slipway::disk {
namespace {

constexpr std::uint64_t kOffsetMask = 0x00ff'ffff'ffff'fe00; // bits 9 to 55
constexpr std::uint64_t kPackedBit = std::uint64_t{1} << 62;
constexpr std::uint64_t kZeroBit = 1;
constexpr std::uint64_t kSectorBytes = 512;

std::uint64_t aligned(std::uint64_t offset, const Qcow2Header& header, const char* what) {
    if (offset % header.cluster_bytes() != 0) {
        throw Error(Kind::Corrupt,
                    "the qcow2 image is damaged: {} is at byte {}, between two "
                    "clusters",
                    what, offset);
    }
    return offset;
}

Cluster read_packed(std::uint64_t entry, const Qcow2Header& header) {
    const unsigned offset_bits = 62 - (header.cluster_bits - 8);
    const std::uint64_t sectors = (entry & (kPackedBit - 1)) >> offset_bits;
    const std::uint64_t offset = entry & ((std::uint64_t{1} << offset_bits) - 1);
    if (offset >> 56 != 0 || offset < kSectorBytes) {
        throw Error(Kind::Corrupt, "the qcow2 image is damaged: a compressed cluster is at byte {}",
                    offset);
    }
    return {.kind = ClusterKind::Packed,
            .offset = offset,
            .length = (sectors + 1) * kSectorBytes - offset % kSectorBytes};
}

// The lower half tells which subclusters are data, the upper which are zeros.
Cluster read_subclusters(std::uint64_t offset, std::uint64_t bitmap) {
    const auto data = static_cast<std::uint32_t>(bitmap);
    const auto zeros = static_cast<std::uint32_t>(bitmap >> 32);
    if ((data & zeros) != 0 || (data != 0 && offset == 0)) {
        throw Error(Kind::Corrupt,
                    "the qcow2 image is damaged: the subclusters of a cluster are both data and "
                    "not (bitmap {:#x}, byte {})",
                    bitmap, offset);
    }
    if (offset == 0) {
        return {};
    }
    return {.kind = data == 0 ? ClusterKind::Reserved : ClusterKind::Data,
            .offset = offset,
            .subclusters = data};
}

} // namespace

Cluster read_l2_entry(Bytes table, std::uint64_t index, const Qcow2Header& header) {
    const std::size_t at = index * header.l2_entry_bytes();
    const auto entry = big_endian<std::uint64_t>(table, at);
    if ((entry & kPackedBit) != 0) {
        return read_packed(entry, header);
    }
    const std::uint64_t offset = aligned(entry & kOffsetMask, header, "a cluster");
    if (header.extended_l2) {
        return read_subclusters(offset, big_endian<std::uint64_t>(table, at + 8));
    }
    if (offset == 0) {
        return {};
    }
    const bool zeros = header.zero_flag && (entry & kZeroBit) != 0;
    return {.kind = zeros ? ClusterKind::Reserved : ClusterKind::Data, .offset = offset};
}

std::uint64_t read_l1_entry(std::uint64_t entry, const Qcow2Header& header) {
    return aligned(entry & kOffsetMask, header, "an L2 table");
}

} // namespace slipway::disk
