// The checksum of a GPT: CRC-32 as in ISO 3309, which gzip has, too.

#pragma once

#include <cstdint>

#include "base/bytes.hh"

namespace slipway::disk {

std::uint32_t crc32(Bytes bytes) noexcept;

} // namespace slipway::disk
