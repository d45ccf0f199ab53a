// Descriptors that callers pass: what they may be, before any job exists. They are duplicates
// already, close-on-exec (base/bus.hh), but share offset and status flags with the caller's.

#pragma once

#include <optional>
#include <string>

namespace slipway::importd {

enum class Wanted {
    File,      ///< a regular file or FIFO (import1.md §2)
    Directory, ///< of import-fs
    Stream,    ///< a file, FIFO or stream socket: our own bus name takes those as well
    Output,    ///< of an export: a regular file or FIFO that can be written
    Sink,      ///< the same of our own bus name: whatever takes a stream
};

/// Why a descriptor is not taken.
struct WrongDescriptor {
    enum class What {
        Type,         ///< EINVAL: no file, or one that cannot be read or written
        NotDirectory, ///< ENOTDIR
        Flags,        ///< EREMOTEIO: O_PATH, O_NONBLOCK, O_APPEND …
    };
    What what = What::Type;
    std::string text; ///< for people
};

/// Asks the descriptor only, never the disk; nothing when it will do.
std::optional<WrongDescriptor> find_wrong(int fd, Wanted wanted);

/// What the kernel calls the open file: a path, "pipe:[7]"; for people.
std::string describe(int fd);

} // namespace slipway::importd
