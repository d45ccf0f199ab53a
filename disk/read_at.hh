// Reading pieces of a disk that is looked at, not streamed.

#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hh"

namespace slipway::disk {

/// How large an open file or block device is, in bytes. Moves its position.
/// @throws Error  it has no size: a pipe
std::uint64_t size_of_disk(int disk);

/// Up to `length` bytes from byte `offset` on; fewer where the disk ends. The position stays.
/// @throws Error  it cannot be read there
std::vector<std::byte> read_at(int disk, std::uint64_t offset, std::size_t length);

} // namespace slipway::disk
