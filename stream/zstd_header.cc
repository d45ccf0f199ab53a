// Read here because the library's own reader of frame headers is not part of its stable interface,
// and because its limit is a power of two.

#include "stream/zstd_header.hh"

#include <array>

namespace slipway::stream {
namespace {

constexpr std::size_t kDescriptorAt = 4; // behind the magic
constexpr std::uint8_t kSingleSegment = 0x20;

constexpr std::array<std::size_t, 4> kDictionaryIdBytes = {0, 1, 2, 4};
constexpr std::array<std::size_t, 4> kContentSizeBytes = {1, 2, 4, 8}; // for a single segment

} // namespace

std::optional<std::uint64_t> zstd_window(Bytes head) noexcept {
    if (head.size() < kDescriptorAt + 2) {
        return std::nullopt;
    }
    const auto descriptor = std::to_integer<std::uint8_t>(head[kDescriptorAt]);
    if ((descriptor & kSingleSegment) == 0) {
        const auto window = std::to_integer<unsigned>(head[kDescriptorAt + 1]);
        const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
        return base + base / 8 * (window & 7);
    }
    const std::size_t at = kDescriptorAt + 1 + kDictionaryIdBytes[descriptor & 3];
    const std::size_t size = kContentSizeBytes[descriptor >> 6];
    if (head.size() < at + size) {
        return std::nullopt;
    }
    std::uint64_t content = 0;
    for (std::size_t i = 0; i < size; ++i) {
        content |= std::to_integer<std::uint64_t>(head[at + i]) << (8 * i);
    }
    return size == 2 ? content + 256 : content;
}

} // namespace slipway::stream
