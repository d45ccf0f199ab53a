// What a zstd frame header says about memory. Internal to the room.

#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hh"

namespace slipway::stream {

/// The window that a decoder of this frame must keep, in bytes (RFC 8878 3.1.1.1.2, and the
/// content's size for a frame of a single segment); nothing when `head` is cut too early to tell.
std::optional<std::uint64_t> zstd_window(Bytes head) noexcept;

} // namespace slipway::stream
