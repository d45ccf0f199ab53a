// The head is gathered in whole pieces, so that what follows it starts on the border of a chunk.

#include "pull/disk_pieces.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "pull/header_feed.hh"

namespace slipway::pull {

std::function<std::optional<DiskPiece>()> pieces_of(stream::Source& in) {
    return [&in, offset = std::uint64_t{0}]() mutable -> std::optional<DiskPiece> {
        const Bytes data = in.next();
        if (data.empty()) {
            return std::nullopt;
        }
        return DiskPiece{std::exchange(offset, offset + data.size()), data};
    };
}

DiskPieces::DiskPieces(std::function<std::optional<DiskPiece>()> more) : more_(std::move(more)) {
    while (head_.size() < HeaderFeed::kHeadBytes) {
        const std::optional<DiskPiece> piece = more_();
        if (!piece) {
            break;
        }
        if (piece->offset >= HeaderFeed::kHeadBytes) {
            behind_ = piece;
            break;
        }
        head_.resize(piece->offset); // a hole reads as zeros
        head_.insert(head_.end(), piece->data.begin(), piece->data.end());
    }
}

std::optional<DiskPiece> DiskPieces::next() {
    if (!std::exchange(head_given_, true) && !head_.empty()) {
        return DiskPiece{0, head_};
    }
    if (behind_) {
        return std::exchange(behind_, std::nullopt);
    }
    return more_();
}

Bytes PieceSource::next() {
    static constexpr std::array<std::byte, 64 * KiB> kZeros{};
    if (!waiting_) {
        waiting_ = pieces_.next();
    }
    const std::uint64_t border = waiting_ ? waiting_->offset : std::max(size_bytes_, offset_);
    if (offset_ < border) {
        const std::uint64_t gap = std::min<std::uint64_t>(border - offset_, kZeros.size());
        offset_ += gap;
        return Bytes(kZeros).first(gap);
    }
    if (!waiting_) {
        return {};
    }
    offset_ += waiting_->data.size();
    return std::exchange(waiting_, std::nullopt)->data;
}

} // namespace slipway::pull
