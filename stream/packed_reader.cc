// Only the few bytes around a border between chunks are ever copied.

#include "stream/packed_reader.hh"

#include <algorithm>
#include <cassert>
#include <utility>

namespace slipway::stream {

void PackedReader::refill() {
    if (chunk_.empty() && !ended_) {
        chunk_ = source_.next();
        ended_ = chunk_.empty();
    }
}

Bytes PackedReader::view() {
    if (carry_start_ < carry_end_) {
        return Bytes(carry_).subspan(carry_start_, carry_end_ - carry_start_);
    }
    refill();
    return chunk_;
}

void PackedReader::take(std::size_t size) noexcept {
    offset_ += size;
    if (carry_start_ < carry_end_) {
        assert(size <= carry_end_ - carry_start_);
        carry_start_ += size;
    } else {
        assert(size <= chunk_.size());
        chunk_ = chunk_.subspan(size);
    }
}

Bytes PackedReader::peek(std::size_t size) {
    assert(size <= kHeadBytes);
    if (const Bytes bytes = view(); bytes.size() >= size) {
        return bytes.first(size);
    }
    gather(size);
    const Bytes bytes = view();
    return bytes.first(std::min(size, bytes.size()));
}

// Moves bytes into the carry until it holds `size` or the source has ended.
void PackedReader::gather(std::size_t size) {
    std::copy(carry_.begin() + static_cast<std::ptrdiff_t>(carry_start_),
              carry_.begin() + static_cast<std::ptrdiff_t>(carry_end_), carry_.begin());
    carry_end_ -= std::exchange(carry_start_, 0);
    while (carry_end_ < size) {
        refill();
        if (ended_) {
            return;
        }
        const std::size_t more = std::min(size - carry_end_, chunk_.size());
        std::copy_n(chunk_.begin(), more, carry_.begin() + static_cast<std::ptrdiff_t>(carry_end_));
        carry_end_ += more;
        chunk_ = chunk_.subspan(more);
    }
}

std::uint64_t PackedReader::skip(std::uint64_t size) {
    const std::uint64_t start = offset_;
    while (offset_ - start < size) {
        const Bytes bytes = view();
        if (bytes.empty()) {
            break;
        }
        take(static_cast<std::size_t>(
            std::min<std::uint64_t>(bytes.size(), size - (offset_ - start))));
    }
    return offset_ - start;
}

} // namespace slipway::stream
