// A tree beneath one directory descriptor becomes a tar: the same tree, the same bytes.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "stream/sink.hh"

namespace slipway::exports {

/// How far the work has come; read by another thread.
struct Counters {
    std::atomic<std::uint64_t> read_bytes{0}; ///< of the archive before packing, or of the disk
    std::atomic<std::uint64_t> entries{0};
};

struct WrittenTar {
    std::uint64_t entries = 0;
    std::uint64_t size_bytes = 0;            ///< of the archive, not packed
    std::uint64_t sockets = 0;               ///< left out
    std::uint64_t privileged_attributes = 0; ///< left out
};

/// What the archive holds: names sorted by their bytes, the first one "./"; owners as numbers,
/// modes, times to the nanosecond, ACLs, attributes, hard links, holes as GNU sparse 1.0. No times
/// of reading and no inode numbers, which would differ the next time. Left out: sockets, and what
/// belongs to the image and not to the tree (user.slipway.origin, user.crtime_usec). A file that
/// changes while it is read is filled up or cut to the size that its header says, and that is
/// warned of.
/// @param root             opened for reading. The working directory may be changed
/// @param privileged       keep trusted.* and security.* beside capability
/// @param warn             one line a kind
/// @throws Error  names what cannot be read (quoted); what `out` throws
WrittenTar write_tar(int root, bool privileged, stream::Sink& out, Counters& counters,
                     const std::function<void(std::string_view)>& warn);

} // namespace slipway::exports
