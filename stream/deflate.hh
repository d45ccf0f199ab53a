// The engines that pack deflate (RFC 1951), one block of input at a time. Internal to the room.

#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hh"

namespace slipway::stream {

struct DeflateBlock {
    Bytes before;      ///< what may be referred to: at most 32 KiB
    Bytes block;       ///< what is packed
    bool last = false; ///< ends the deflate stream; else it ends on a byte
    unsigned level = 0;
};

namespace isal {
inline constexpr unsigned kHighestLevel = 3;
inline constexpr unsigned kUsualLevel = 3;
/// Quick, at levels 1 to 3. Refers to nothing before the block.
std::vector<std::byte> deflate(const DeflateBlock& what);
std::uint32_t crc32(Bytes data) noexcept;
} // namespace isal

namespace zlib {
inline constexpr unsigned kHighestLevel = 9;
inline constexpr unsigned kUsualLevel = 6;
std::vector<std::byte> deflate(const DeflateBlock& what);
std::uint32_t crc32(Bytes data) noexcept;
} // namespace zlib

} // namespace slipway::stream
