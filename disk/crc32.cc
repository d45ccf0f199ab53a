// libdeflate's.

#include "disk/crc32.hh"

#include <libdeflate.h>

namespace slipway::disk {

std::uint32_t crc32(Bytes bytes) noexcept {
    return libdeflate_crc32(0, bytes.data(), bytes.size());
}

} // namespace slipway::disk
