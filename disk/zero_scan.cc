// Bytes that are equal to themselves shifted by one are all the same.

#include "disk/zero_scan.hh"

#include <cstring>

namespace slipway::disk {

bool all_zero(Bytes data) noexcept {
    if (data.empty()) {
        return true;
    }
    return data.front() == std::byte{0} && data.back() == std::byte{0} &&
           std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

} // namespace slipway::disk
