// By the first bytes; of binary ones also by their length, which says that nothing is missing.

#include "check/signature_kind.hh"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "verify/base64.hh"

namespace slipway::check {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

struct Row {
    std::string_view start;
    std::string_view kind;
};
constexpr std::array kTexts{
    Row{"-----BEGIN SSH SIGNATURE-----", "an SSH signature"},
    Row{"-----BEGIN PKCS7-----", "S/MIME"},
    Row{"-----BEGIN CMS-----", "S/MIME"},
    Row{"MIME-Version:", "S/MIME"},
    Row{"-----BEGIN CERTIFICATE-----", "an X.509 certificate"},
};

// X.690 §8.1.3: a SEQUENCE whose length is that of the file.
bool is_der_sequence(std::string_view content) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(content[at]); };
    if (content.size() < 8 || byte(0) != 0x30) {
        return false;
    }
    constexpr unsigned kLong = 0x80;
    const std::size_t length_bytes = byte(1) < kLong ? 0 : byte(1) - kLong;
    std::uint64_t length = byte(1);
    if (length_bytes > 0) {
        length = 0;
        for (std::size_t i = 0; i < std::min<std::size_t>(length_bytes, 4); ++i) {
            length = length << 8 | byte(2 + i);
        }
    }
    return length_bytes <= 4 && length == content.size() - 2 - length_bytes;
}

// X.690 §8.19: the object identifier of CMS's signed data, 1.2.840.113549.1.7.2 (RFC 5652 §5.1).
bool holds_signed_data(std::string_view content) noexcept {
    constexpr std::string_view kSignedData = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
    return content.substr(0, 32).find(kSignedData) != std::string_view::npos;
}

// cosign's signatures and certificates are base64 in a file of their own. Digits alone may be a
// digest, and a word of a few letters is base64 by chance.
bool is_bare_base64(std::string_view text) {
    constexpr std::size_t kSmallestSignature = 64;
    verify::Base64 base64;
    std::string bytes;
    return base64.decode(text, bytes) && base64.complete() && bytes.size() >= kSmallestSignature &&
           text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos;
}

bool is_bundle(std::string_view text) noexcept {
    return text.starts_with('{') && (text.find("sigstore") != std::string_view::npos ||
                                     text.find("\"base64Signature\"") != std::string_view::npos);
}

} // namespace

std::string_view unsupported_kind(std::string_view content) {
    if (is_der_sequence(content)) {
        return holds_signed_data(content) ? "S/MIME" : "an ASN.1 signature";
    }
    const std::size_t first = content.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    const std::string_view text =
        content.substr(first, content.find_last_not_of(kBlanks) - first + 1);
    const auto* row = std::find_if(kTexts.begin(), kTexts.end(),
                                   [&](const Row& r) { return text.starts_with(r.start); });
    if (row != kTexts.end()) {
        return row->kind;
    }
    if (is_bundle(text)) {
        return "a cosign bundle";
    }
    return is_bare_base64(text) ? "a bare base64 signature" : "";
}

} // namespace slipway::check
