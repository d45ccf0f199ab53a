// The bytes of a disk as they come: one after the other from a stream, or with gaps where a sparse
// file in an archive has holes.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "pull/archive_reader.hh"
#include "stream/source.hh"

namespace slipway::pull {

/// Offsets only grow; what is passed over is zeros. The view is valid until the next call.
using DiskPiece = ArchiveReader::Piece;

/// A source as pieces without gaps.
std::function<std::optional<DiskPiece>()> pieces_of(stream::Source& in);

/// Pieces that can be looked at before they are taken.
class DiskPieces {
public:
    explicit DiskPieces(std::function<std::optional<DiskPiece>()> more);

    /// The first bytes, as many as what_is() wants, unless the disk or a hole ends them.
    Bytes head() const noexcept { return head_; }
    /// There is nothing at all.
    bool empty() const noexcept { return head_.empty() && !behind_; }

    std::optional<DiskPiece> next();

private:
    std::function<std::optional<DiskPiece>()> more_;
    std::vector<std::byte> head_;
    std::optional<DiskPiece> behind_; ///< a piece that lies behind a hole after the head
    bool head_given_ = false;
};

/// Pieces as a source, gaps filled with zeros.
class PieceSource final : public stream::Source {
public:
    /// @param size_bytes  how long it is when it ends in a gap; 0: where the last piece ends
    explicit PieceSource(DiskPieces& pieces, std::uint64_t size_bytes = 0)
        : pieces_(pieces), size_bytes_(size_bytes) {}
    Bytes next() override;

private:
    DiskPieces& pieces_;
    std::uint64_t size_bytes_;
    std::uint64_t offset_ = 0;
    std::optional<DiskPiece> waiting_;
};

} // namespace slipway::pull
