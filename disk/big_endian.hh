// Numbers as qcow2 stores them. Internal to the room.

#pragma once

#include <cstdint>

#include "base/bytes.hh"

namespace slipway::disk {

template <typename T>
T big_endian(Bytes bytes, std::size_t offset) noexcept {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value << 8 | std::to_integer<T>(bytes[offset + i]));
    }
    return value;
}

} // namespace slipway::disk
