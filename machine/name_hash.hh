// A number from a name, the same in every build: std::hash promises nothing from one to the next.

#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::machine {

/// FNV-1a, 32 bits (draft-eastlake-fnv).
constexpr std::uint32_t name_hash(std::string_view name) noexcept {
    std::uint32_t value = 0x811C'9DC5;
    for (const char byte : name) {
        value = (value ^ static_cast<unsigned char>(byte)) * 0x0100'0193;
    }
    return value;
}

} // namespace slipway::machine
