// A source that can be looked into a few bytes ahead, and that knows its offset. Internal to the
// room.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stream/decoder.hh"
#include "stream/source.hh"

namespace slipway::stream {

class PackedReader {
public:
    explicit PackedReader(Source& source) : source_(source) {}

    /// Unread bytes, some; none only at the end of the source. Valid until the next call.
    Bytes view();
    /// The first `size` bytes of view() have been read.
    void take(std::size_t size) noexcept;
    /// The next `size` (at most kHeadBytes) bytes, without reading them; fewer only at the end.
    /// Valid until the next call of any function.
    Bytes peek(std::size_t size);
    /// Reads `size` bytes and forgets them; returns how many there were.
    std::uint64_t skip(std::uint64_t size);

    /// How many bytes have been read.
    std::uint64_t offset() const noexcept { return offset_; }

private:
    void refill();
    void gather(std::size_t size);

    Source& source_;
    std::uint64_t offset_ = 0;
    Bytes chunk_; ///< what is left of the view that the source gave last
    bool ended_ = false;
    // A peek across the border of two chunks is put together here, and read from here.
    std::array<std::byte, kHeadBytes> carry_;
    std::size_t carry_start_ = 0;
    std::size_t carry_end_ = 0;
};

} // namespace slipway::stream
