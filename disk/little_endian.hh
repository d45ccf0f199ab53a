// Numbers as partition tables and file systems of PCs store them. Internal to the room.

#pragma once

#include <cstdint>

#include "base/bytes.hh"

namespace slipway::disk {

template <typename T>
T little_endian(Bytes bytes, std::size_t offset) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = sizeof(T); i > 0; --i) {
        value = value << 8 | std::to_integer<std::uint64_t>(bytes[offset + i - 1]);
    }
    return static_cast<T>(value);
}

} // namespace slipway::disk
