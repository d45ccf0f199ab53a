// Is there anything in these bytes? Asked of every 4 KiB of a disk.

#pragma once

#include "base/bytes.hh"

namespace slipway::disk {

/// Zeros are left out in blocks of this size, which is also what file systems allocate in.
inline constexpr std::size_t kBlockBytes = 4 * KiB;

/// No byte of `data` differs from zero. Cheap for data (its ends are looked at first), and as fast
/// as memcmp(3) for zeros.
bool all_zero(Bytes data) noexcept;

} // namespace slipway::disk
