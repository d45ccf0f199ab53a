// A tar archive around one disk image, as clouds hand them out, and every other archive, which is
// refused with the names of what is in it.

#pragma once

#include <optional>
#include <string>

#include "pull/archive_reader.hh"

namespace slipway::pull {

class DiskArchive {
public:
    explicit DiskArchive(stream::Source& in) : reader_(in) {}

    /// Goes to the disk's file; its contents are reader().next_piece().
    /// @throws Error Unsupported: a container image, or a tree; Corrupt: no file at all, or damaged
    const Entry& find();

    /// Behind the contents: nothing else may follow. Reads the archive to its end.
    /// @throws Error Unsupported: names what follows
    ArchiveReader::Trailer check_alone();

    ArchiveReader& reader() noexcept { return reader_; }

private:
    bool next_other(Entry& entry);

    ArchiveReader reader_;
    Entry disk_;
};

} // namespace slipway::pull
