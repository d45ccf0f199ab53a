// A header that lies in one chunk, as nearly all do, is a view of it; one that crosses into the
// next chunk is put together.

#include "pull/header_feed.hh"

#include <algorithm>

#include "base/error.hh"
#include "base/size.hh"

namespace slipway::pull {

// Keeps what lies behind `from` of what was carried and of the current chunk.
void HeaderFeed::carry(std::uint64_t from) {
    const std::uint64_t start = chunk_offset_ - carried_.size();
    carried_.erase(0, std::min<std::uint64_t>(from > start ? from - start : 0, carried_.size()));
    const std::uint64_t skip = from > chunk_offset_ ? from - chunk_offset_ : 0;
    carried_ += as_text(chunk_.subspan(std::min<std::uint64_t>(skip, chunk_.size())));
}

Bytes HeaderFeed::next(std::uint64_t consumed) {
    carry(in_header_ ? header_offset_ : consumed);
    if (carried_.size() > kMaxHeaderBytes) {
        throw Error(Kind::Limit, "the header of one entry is larger than {}",
                    format_size(kMaxHeaderBytes));
    }
    chunk_offset_ += chunk_.size();
    chunk_ = ended_ ? Bytes() : in_.next();
    ended_ = chunk_.empty();
    if (head_.size() < kHeadBytes) {
        head_ += as_text(chunk_.first(std::min(chunk_.size(), kHeadBytes - head_.size())));
    }
    return chunk_;
}

void HeaderFeed::begin_header(std::uint64_t offset) {
    in_header_ = true;
    header_offset_ = offset;
}

Bytes HeaderFeed::between(std::uint64_t offset, std::uint64_t end) {
    const std::size_t size = end - offset;
    if (offset < chunk_offset_) {
        const std::uint64_t back = std::min<std::uint64_t>(chunk_offset_ - offset, carried_.size());
        joined_ = carried_.substr(carried_.size() - back, size);
        joined_ += as_text(chunk_.first(std::min(chunk_.size(), size - joined_.size())));
        return as_bytes(joined_);
    }
    const Bytes here =
        chunk_.subspan(std::min<std::uint64_t>(offset - chunk_offset_, chunk_.size()));
    return here.first(std::min(size, here.size()));
}

} // namespace slipway::pull
