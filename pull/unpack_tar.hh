// A tar stream becomes a tree beneath one directory descriptor. libarchive reads the archive's
// structure; files are made by our writer (pull/tree_writer.hh).

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "pull/budget.hh"
#include "pull/counters.hh"
#include "stream/source.hh"

namespace slipway::pull {

struct TarOptions {
    bool privileged_xattrs = false;       ///< keep trusted.* and security.* beside capability
    bool skip_unsupported_xattrs = false; ///< count what the file system cannot hold, go on
};

struct Unpacked {
    std::uint64_t entries = 0;
    std::uint64_t unpacked_bytes = 0;
    std::string hoisted;                  ///< name of the lone top directory that was moved up
    std::uint64_t left_out = 0;           ///< plain files beside it
    std::uint64_t sockets = 0;            ///< skipped
    std::uint64_t privileged_xattrs = 0;  ///< left out
    std::uint64_t unsupported_xattrs = 0; ///< left out with skip_unsupported_xattrs
};

/// Unpacks `in` below `root`, which is empty, opened for reading and nobody else's to write in.
/// The process's umask is 0, and its working directory may be changed.
/// @param packed_bytes  how much has been read from outside so far; for the ratio. Any thread.
/// @throws Error Corrupt, Unsupported, Limit (with the budget's name), NoSpace, Denied; names the
///         entry (quoted). What was written stays: the staging is thrown away by its owner.
Unpacked unpack_tar(stream::Source& in, int root, const TarOptions& options, const Budget& budget,
                    Counters& counters, const std::function<std::uint64_t()>& packed_bytes,
                    const std::function<void(std::string_view)>& warn);

} // namespace slipway::pull
