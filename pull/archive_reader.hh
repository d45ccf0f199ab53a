// A tar stream as entries: the one door to libarchive, which reads the structure of ustar, pax,
// GNU and older archives and of their sparse files. Decompression is not its business here, and
// neither is the disk.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pull/entry.hh"
#include "stream/source.hh"

namespace slipway::pull {

/// "libarchive 3.6.2"; for `features`.
std::string archive_engine();

/// One archive. One thread.
class ArchiveReader {
public:
    /// Called before confinement: what the library would otherwise look for on disk when it meets
    /// the first name, in a tree that is somebody else's by then.
    static void prepare();

    explicit ArchiveReader(stream::Source& in);
    ~ArchiveReader();
    ArchiveReader(const ArchiveReader&) = delete;
    ArchiveReader& operator=(const ArchiveReader&) = delete;

    /// Reads the next entry into `entry`; false at the end of the archive. What is left of the
    /// contents of the one before is skipped.
    /// @throws Error  Corrupt: damaged or truncated, with the offset; Unsupported: it is no tar
    ///                (says what it is), or holds what cannot be kept; both name the entry
    bool next(Entry& entry);

    /// A stretch of the entry's contents; `data` lies in the chunk that the source gave.
    struct Piece {
        std::uint64_t offset = 0; ///< in the file; what is passed over is a hole
        Bytes data;
    };
    /// The next stretch; nothing at the end of the contents. Offsets only grow.
    /// @throws as next() does; a map of holes that does not fit is Corrupt
    std::optional<Piece> next_piece();

    /// What lies behind the archive, all of it read. Call after next() has returned false.
    struct Trailer {
        bool end_marked = false;          ///< the two blocks of zeros were there
        std::uint64_t garbage_bytes = 0;  ///< from the first byte that is not zero on
        std::uint64_t garbage_offset = 0; ///< in the unpacked stream
        bool another_archive = false;     ///< the garbage starts like a tar
    };
    Trailer drain();

    /// The first bytes of the stream, up to 68 KiB.
    Bytes head() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::pull
