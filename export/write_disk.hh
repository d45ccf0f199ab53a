// A disk as a file: byte for byte, with its holes where they can be kept.

#pragma once

#include <cstdint>
#include <stop_token>

#include "export/write_tar.hh"
#include "stream/digest.hh"
#include "stream/sink.hh"

namespace slipway::exports {

/// Writes all of `disk`, a file or a block device opened for reading, holes as zeros.
/// @returns its size
/// @throws Error  Busy: it became shorter meanwhile; what `out` throws
std::uint64_t write_disk(int disk, stream::Sink& out, Counters& counters);

/// Copies all of `disk` to `output`, an empty file; its holes stay holes.
/// @param digest  of the content, holes as zeros; may be none
/// @returns its size
/// @throws Error as write_disk(); NoSpace; Canceled
std::uint64_t copy_disk(int disk, int output, stream::Digest* digest, Counters& counters,
                        const std::stop_token& stop);

} // namespace slipway::exports
