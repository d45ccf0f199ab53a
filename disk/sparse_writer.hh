// A disk on its way into a file: what is zero stays a hole, the rest is written in as few calls as
// its runs need, and the kernel is asked early to bring it to the medium.

#pragma once

#include <cstdint>

#include "base/bytes.hh"

namespace slipway::disk {

/// Writes one file, at any offsets in any order. One thread.
///
/// In a file that was empty, holes are left. In one that held data, and in a block device, zeros
/// are made where zeros belong: by punching, and by writing where that is refused.
class SparseWriter {
public:
    /// @param target  a regular file or a block device, opened for writing; borrowed
    explicit SparseWriter(int target);

    /// The disk will be so large: the file gets that length at once, which costs nothing and keeps
    /// xfs from reserving space behind each write.
    /// @throws Error Unsupported: the file system cannot hold a file of that size; NoSpace: the
    ///         device is smaller
    void announce(std::uint64_t size_bytes);

    /// Makes zeros of the first `size_bytes`; for a disk whose data comes in pieces with gaps.
    void clear(std::uint64_t size_bytes);

    /// `data` belongs to `offset`. Announced or not, the file grows as it must.
    /// @throws Error NoSpace and others of write(2), with the offset
    void write(std::uint64_t offset, Bytes data);

    /// Gives the file its exact length. Nothing is synced; data was only started on its way.
    void finish(std::uint64_t size_bytes);

    /// How much was written, zeros left out.
    std::uint64_t data_bytes() const noexcept { return data_bytes_; }

private:
    void put(std::uint64_t offset, Bytes data);
    void make_zeros(std::uint64_t offset, std::uint64_t length);
    void grow(std::uint64_t end);
    void start_writeback(std::uint64_t offset, std::uint64_t length);

    int target_;
    bool device_ = false;
    std::uint64_t held_bytes_ = 0; ///< what lay there before: up to here zeros have to be made
    std::uint64_t length_ = 0;     ///< of the file, or of the device
    std::uint64_t data_bytes_ = 0;
    // What was written since the kernel was last told to start, and where.
    std::uint64_t waiting_bytes_ = 0;
    std::uint64_t waiting_start_ = ~std::uint64_t{0};
    std::uint64_t waiting_end_ = 0;
};

} // namespace slipway::disk
