// A tar stream becomes a tree beneath one directory descriptor. libarchive reads the archive's
// structure; files are made by our writer (pull/tree_writer.hh).

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stream/source.hh"

namespace slipway::pull {

/// What an archive may cost. 0 is the default of that kind.
struct Budget {
    static constexpr std::uint64_t kSizeBytes = 512 * GiB;
    static constexpr std::uint64_t kRatio = 200;
    static constexpr std::uint64_t kRatioFromBytes = 64 * MiB;
    static constexpr std::uint64_t kEntries = 4'000'000;
    static constexpr std::uint64_t kDepth = 256;
    static constexpr std::uint64_t kMemoryBytes = 128 * MiB;

    std::uint64_t size_bytes = 0;   ///< of all file contents (--max-size)
    std::uint64_t ratio = 0;        ///< unpacked over packed bytes, looked at above 64 MiB
                                    ///< (--max-ratio)
    std::uint64_t entries = 0;      ///< (--max-entries)
    std::uint64_t depth = 0;        ///< directories in a path
    std::uint64_t memory_bytes = 0; ///< for what is remembered of directories until the end
};

struct TarOptions {
    bool privileged_xattrs = false;       ///< keep trusted.* and security.* beside capability
    bool skip_unsupported_xattrs = false; ///< count what the file system cannot hold, go on
    Budget budget{};
};

/// Progress, written by the unpacking thread and read by any.
struct Counters {
    std::atomic<std::uint64_t> unpacked_bytes{0};
    std::atomic<std::uint64_t> entries{0};
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
Unpacked unpack_tar(stream::Source& in, int root, const TarOptions& options, Counters& counters,
                    const std::function<std::uint64_t()>& packed_bytes,
                    const std::function<void(std::string_view)>& warn);

} // namespace slipway::pull
