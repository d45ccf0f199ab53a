// The image file as it passes by: its newest stretch in memory, and of what lies before that, what
// nobody has asked for yet, in a scratch file. So an image whose tables come before their data, as
// QEMU writes them, needs no scratch, and any other needs as much as is out of order.

#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.hh"

namespace slipway::disk {

/// One thread.
class HostWindow {
public:
    /// More is not appended at once.
    static constexpr std::size_t kPieceBytes = 256 * KiB;

    /// @param scratch  an empty file opened O_RDWR, or -1: what is not asked for in time is lost.
    ///                 Borrowed
    HostWindow(unsigned cluster_bits, int scratch);

    /// The next bytes of the image, at most kPieceBytes. What leaves the memory for them and is not
    /// used goes to the scratch file, cluster by cluster.
    void append(Bytes piece);

    /// How much of the image has been appended.
    std::uint64_t end() const noexcept { return start_ + (filled_ - first_); }

    /// All of this stretch has been appended and is in memory still.
    bool holds(std::uint64_t offset, std::uint64_t length) const noexcept {
        return offset >= start_ && length <= end() - start_ && offset <= end() - length;
    }
    /// A stretch that was appended; valid until the next call. From memory, or from the scratch
    /// file, at most two clusters and a sector.
    /// @throws Error  Corrupt: a cluster was used before; Unsupported: it is lost for want of a
    ///         scratch file
    Bytes read(std::uint64_t offset, std::uint64_t length);

    /// Whole clusters have their one use: they are not kept.
    /// @throws Error  Corrupt: they had one before; Limit: the image has too many clusters
    void use(std::uint64_t offset, std::uint64_t length);
    /// The same for a stretch of any place and length; a cluster is used when all of it is.
    void use_part(std::uint64_t offset, std::uint64_t length);
    /// What lies in this cluster is of no interest; not an error when it has a use all the same.
    void ignore(std::uint64_t offset);

    /// Something has been read back from the scratch file.
    bool used_scratch() const noexcept { return used_scratch_; }

private:
    bool is_used(std::uint64_t cluster) const noexcept;
    void set_used(std::uint64_t cluster);
    void make_room();
    void evict(std::uint64_t cluster, Bytes bytes);
    void read_scratch(std::uint64_t offset, std::span<std::byte> into);

    unsigned cluster_bits_;
    int scratch_;
    std::size_t keep_bytes_;
    std::vector<std::byte> buffer_;
    std::size_t first_ = 0;   // of the buffer that is held
    std::size_t filled_ = 0;  // of the buffer
    std::uint64_t start_ = 0; // offset of the first byte that is held; a cluster's border
    std::vector<bool> used_;
    std::map<std::uint64_t, std::uint64_t> partly_used_; // cluster → bytes, where not all of it is
    std::vector<std::byte> joined_;
    bool used_scratch_ = false;
};

} // namespace slipway::disk
