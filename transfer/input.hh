// Files of this host that an image or its documents are read from: the keeper opens them, the
// programs that read them see nothing but the descriptor.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>

#include "base/fd.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

using ModificationTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Packed bytes, to be read from where the descriptor stands.
struct Input {
    Fd fd;
    std::optional<std::uint64_t> size_bytes;  ///< what is left; nothing for pipes and sockets
    std::optional<ModificationTime> modified; ///< of a regular file
};

/// Opens a regular file or a fifo; of a fifo waits for its writer.
/// @throws Error NotFound, Denied; Unsupported: a directory (names import-fs), a device; Canceled
Input open_input(const std::filesystem::path& path, const std::stop_token& stop);

/// Takes what the caller has opened: a regular file, pipe or socket, for reading.
/// @throws Error InvalidArgument: none came, or it cannot be read; Unsupported as open_input()
Input adopt_input(Fd fd);

/// A document beside a file: URL: 404 when there is no such file.
verify::Library::Answer read_document(const std::filesystem::path& path, std::uint64_t limit_bytes);

} // namespace slipway::transfer
