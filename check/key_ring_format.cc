// Armor is undone here since the engine takes an armored ring for an empty one.

#include "check/key_ring_format.hh"

#include <cstddef>
#include <cstdint>

namespace slipway::check {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

// GnuPG's kbx/keybox-blob.c: a first blob with a magic, then blobs of which those of type 2 hold
// OpenPGP packets at an offset of their own.
constexpr std::size_t kMinBlob = 16;

bool is_keybox(std::string_view content) noexcept {
    constexpr char kHeader = 1; // a packet begins with a byte of 128 or more, a blob with its size
    return content.size() >= 32 && content[0] == 0 && content[4] == kHeader &&
           content.substr(8, 4) == "KBXf";
}

verify::Unwrapped unwrap_keybox(std::string_view content) {
    constexpr char kOpenPgp = 2;
    verify::Unwrapped result;
    while (!content.empty()) {
        const std::size_t size = content.size() < kMinBlob ? 0 : big_endian(content, 0);
        if (size < kMinBlob || size > content.size()) {
            return {{}, "it is a damaged keybox"};
        }
        const std::string_view blob = content.substr(0, size);
        content.remove_prefix(size);
        if (blob[4] != kOpenPgp) {
            continue; // the header, a deleted key, an X.509 certificate
        }
        const std::uint64_t offset = big_endian(blob, 8);
        const std::uint64_t length = big_endian(blob, 12);
        if (offset + length > size) {
            return {{}, "it is a damaged keybox"};
        }
        result.content += blob.substr(offset, length);
    }
    return result;
}

} // namespace

verify::Unwrapped key_ring_packets(std::string_view content) {
    if (content.empty()) {
        return {{}, "it is empty"};
    }
    if (is_keybox(content)) {
        return unwrap_keybox(content);
    }
    if ((static_cast<unsigned char>(content[0]) & 0x80) == 0) {
        if (!verify::is_armored(content)) {
            return {{}, "it is not a key ring"};
        }
        return verify::dearmor(content, "PGP PUBLIC KEY BLOCK");
    }
    return {std::string(content), {}};
}

} // namespace slipway::check
