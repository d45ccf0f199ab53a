// Magics: gzip RFC 1952 2.3.1; xz "The .xz File Format" 2.1.1.1; zstd RFC 8878 3.1; lz4 "LZ4 Frame
// Format Description", which also has the legacy frame (recognised so that it can be refused by
// name); bzip2 has no document but its source.

#include "stream/codec.hh"

#include <algorithm>
#include <array>
#include <cstdint>

namespace slipway::stream {
namespace {

// A byte matches where it equals `bytes` in the bits of `mask`.
struct Magic {
    Codec codec;
    std::size_t size;
    std::array<std::uint8_t, kMagicBytes> bytes;
    std::array<std::uint8_t, kMagicBytes> mask;
};

constexpr std::array<std::uint8_t, kMagicBytes> kExact = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

constexpr std::array<Magic, 6> kMagics = {{
    {Codec::Gzip, 2, {0x1f, 0x8b}, kExact},
    {Codec::Xz, 6, {0xfd, '7', 'z', 'X', 'Z', 0}, kExact},
    {Codec::Zstd, 4, {0x28, 0xb5, 0x2f, 0xfd}, kExact},
    {Codec::Bzip2, 4, {'B', 'Z', 'h', 0x30}, {0xff, 0xff, 0xff, 0xf0}}, // and a digit
    {Codec::Lz4, 4, {0x04, 0x22, 0x4d, 0x18}, kExact},
    {Codec::Lz4, 4, {0x02, 0x21, 0x4c, 0x18}, kExact}, // legacy
}};

constexpr Magic kSkippable = {Codec::Zstd, 4, {0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}};

// The first min(size of both) bytes agree.
bool agrees(const Magic& magic, Bytes start) noexcept {
    const std::size_t size = std::min(magic.size, start.size());
    for (std::size_t i = 0; i < size; ++i) {
        const auto byte = std::to_integer<std::uint8_t>(start[i]);
        if ((byte & magic.mask[i]) != magic.bytes[i]) {
            return false;
        }
    }
    return true;
}

bool matches(const Magic& magic, Bytes start) noexcept {
    return start.size() >= magic.size && agrees(magic, start);
}

bool is_cut(const Magic& magic, Bytes start) noexcept {
    return !start.empty() && start.size() < magic.size && agrees(magic, start);
}

} // namespace

std::string_view member_word(Codec codec) noexcept {
    switch (codec) {
    case Codec::Xz:
    case Codec::Bzip2:
        return "stream";
    case Codec::Zstd:
    case Codec::Lz4:
        return "frame";
    case Codec::Plain:
    case Codec::Gzip:
        break;
    }
    return "member";
}

Codec detect_codec(Bytes start) noexcept {
    if (begins_skippable(start)) {
        return Codec::Zstd;
    }
    const auto* found = std::ranges::find_if(
        kMagics, [start](const Magic& magic) { return matches(magic, start); });
    return found == kMagics.end() ? Codec::Plain : found->codec;
}

bool begins_member(Codec codec, Bytes start) noexcept {
    return std::ranges::any_of(kMagics, [codec, start](const Magic& magic) {
        return magic.codec == codec && matches(magic, start);
    });
}

bool is_cut_magic(Codec codec, Bytes start) noexcept {
    return (has_skippable(codec) && is_cut(kSkippable, start)) ||
           std::ranges::any_of(kMagics, [codec, start](const Magic& magic) {
               return magic.codec == codec && is_cut(magic, start);
           });
}

bool begins_skippable(Bytes start) noexcept {
    return matches(kSkippable, start);
}

bool has_skippable(Codec codec) noexcept {
    return codec == Codec::Zstd || codec == Codec::Lz4;
}

} // namespace slipway::stream
