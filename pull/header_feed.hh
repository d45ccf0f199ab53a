// The bytes of a Source on their way into libarchive, chunk by chunk without a copy, and beside
// them two things that would be gone otherwise: the start of the stream (to say what it is when it
// is not a tar), and the blocks of the header that is just being read (pull/raw_header.hh).

#pragma once

#include <cstdint>
#include <string>

#include "stream/source.hh"

namespace slipway::pull {

class HeaderFeed {
public:
    /// Enough for the signatures of disks and file systems (btrfs has its at 64 KiB).
    static constexpr std::size_t kHeadBytes = 68 * KiB;
    /// More blocks for one entry's header are refused: libarchive takes memory for each.
    static constexpr std::size_t kMaxHeaderBytes = 4 * MiB;

    explicit HeaderFeed(stream::Source& in) : in_(in) {}

    /// The next chunk; empty at the end of the stream. The one before is gone then, but for what
    /// lies behind `consumed` (an offset of the stream), or in the header being read.
    /// @throws as Source::next does; Error Limit: the header being read is too large
    Bytes next(std::uint64_t consumed);

    /// A header starts at `offset` of the stream, which nobody has consumed yet.
    void begin_header(std::uint64_t offset);
    void end_header() noexcept { in_header_ = false; }

    /// The bytes from `offset`, which nobody has consumed when next() was called last or which lies
    /// in the header, up to `end`; valid until the next call.
    Bytes between(std::uint64_t offset, std::uint64_t end);

    /// The first bytes of the stream, as far as they have been read.
    Bytes head() const noexcept { return as_bytes(head_); }
    /// Whether the end of the stream has been seen.
    bool ended() const noexcept { return ended_; }
    /// How much of the stream has been read.
    std::uint64_t read_bytes() const noexcept { return chunk_offset_ + chunk_.size(); }

private:
    void carry(std::uint64_t from);

    stream::Source& in_;
    Bytes chunk_;
    std::uint64_t chunk_offset_ = 0;
    bool ended_ = false;
    std::string head_;
    bool in_header_ = false;
    std::uint64_t header_offset_ = 0;
    std::string carried_; // what lies directly before the current chunk and is still wanted
    std::string joined_;  // the answer of between(), where it crosses into the chunk
};

} // namespace slipway::pull
