// Line by line, as RFC 9580 §6.2 and §7.1 describe it.

#include "verify/openpgp_text.hh"

#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "verify/base64.hh"

namespace slipway::verify {
namespace {

constexpr std::string_view kBeginSigned = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view kBeginSignature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view kEndSignature = "-----END PGP SIGNATURE-----";

std::string_view without_trailing_blanks(std::string_view line) noexcept {
    return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

// The lines of a text, without their ends.
class Lines {
public:
    explicit Lines(std::string_view text) noexcept : text_(text) {}

    // Nothing after the last.
    std::optional<std::string_view> next() noexcept {
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        start_ = at_;
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        at_ = end + 1;
        return text_.substr(start_, end - start_);
    }
    // Goes on until a line equals `wanted`; false when none does.
    bool skip_to(std::string_view wanted) noexcept {
        while (const auto line = next()) {
            if (without_trailing_blanks(*line) == wanted) {
                return true;
            }
        }
        return false;
    }
    // Where the line given last starts, and where the next one does.
    std::size_t start() const noexcept { return start_; }
    std::size_t position() const noexcept { return std::min(at_, text_.size()); }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
};

// RFC 9580 §6.1.1.
std::uint32_t crc24(std::string_view bytes) noexcept {
    std::uint32_t crc = 0xB704CE;
    for (const char byte : bytes) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 16;
        for (int bit = 0; bit < 8; ++bit) {
            crc <<= 1;
            if ((crc & 0x1000000) != 0) {
                crc ^= 0x1864CFB;
            }
        }
    }
    return crc & 0xFFFFFF;
}

// "=twTO": the checksum line at the end of an armored block.
bool holds_checksum(std::string_view line, std::string_view bytes) {
    std::string sum;
    Base64 base64;
    if (line.size() != 5 || !base64.decode(line.substr(1), sum) || sum.size() != 3) {
        return false;
    }
    const std::uint32_t crc = crc24(bytes);
    return sum[0] == static_cast<char>(crc >> 16) && sum[1] == static_cast<char>(crc >> 8) &&
           sum[2] == static_cast<char>(crc);
}

// RFC 9580 §7.2: inside the block a line that begins with a dash is escaped by "- ". One that is
// not would begin something that an engine may read and we do not.
bool is_unescaped(std::string_view line) noexcept {
    return line.starts_with('-') && line != "-" && !line.starts_with("- ");
}

// Armor headers ("Version: …") up to the empty line. False when the text ends or one is none.
bool skip_headers(Lines& lines) noexcept {
    while (const auto line = lines.next()) {
        const std::string_view header = without_trailing_blanks(*line);
        if (header.empty()) {
            return true;
        }
        if (header.find(':') == std::string_view::npos) {
            return false;
        }
    }
    return false;
}

// One block, from behind its BEGIN line to its END line; what is wrong with it, or nothing.
std::string dearmor_block(Lines& lines, std::string_view end, std::string& out) {
    if (!skip_headers(lines)) {
        return "the armor has no empty line behind its headers";
    }
    std::string bytes;
    Base64 base64;
    while (const auto raw = lines.next()) {
        const std::string_view line = without_trailing_blanks(*raw);
        if (line == end) {
            out += bytes;
            return base64.complete() ? "" : "the armor is cut";
        }
        if (line.starts_with('=') && line.size() > 2) {
            if (!holds_checksum(line, bytes)) {
                return "the armor's checksum is wrong";
            }
        } else if (!base64.decode(line, bytes)) {
            return "the armor holds something else than base64";
        }
    }
    return "the armor has no end";
}

} // namespace

bool is_clearsigned(std::string_view document) noexcept {
    return Lines(document).skip_to(kBeginSigned);
}

Unwrapped unwrap_clearsigned(std::string_view document) {
    Lines lines(document);
    if (!lines.skip_to(kBeginSigned)) {
        return {{}, "is not clearsigned"};
    }
    while (const auto line = lines.next()) {
        const std::string_view header = without_trailing_blanks(*line);
        if (header.empty()) {
            break;
        }
        if (!header.starts_with("Hash: ")) {
            return {{}, "has a clearsigned block with another header than 'Hash:'"};
        }
    }
    std::string text;
    while (const auto raw = lines.next()) {
        std::string_view line = without_trailing_blanks(*raw);
        if (line == kBeginSignature) {
            return {std::move(text), {}};
        }
        if (is_unescaped(line)) {
            return {{}, "has a clearsigned block with a line that is not dash-escaped"};
        }
        if (line.starts_with('-')) { // the blank behind a lone dash was dropped
            line.remove_prefix(std::min<std::size_t>(2, line.size()));
        }
        text += line;
        text += '\n';
    }
    return {{}, "has a clearsigned block without an end"};
}

std::optional<std::string_view> clearsigned_block(std::string_view document) noexcept {
    Lines lines(document);
    if (!lines.skip_to(kBeginSigned)) {
        return std::nullopt;
    }
    const std::size_t start = lines.start();
    while (const auto line = lines.next()) {
        if (without_trailing_blanks(*line) == kBeginSignature) {
            break;
        }
        if (is_unescaped(*line)) {
            return std::nullopt;
        }
    }
    if (!lines.skip_to(kEndSignature)) {
        return std::nullopt;
    }
    return document.substr(start, lines.position() - start);
}

bool is_armored(std::string_view text) noexcept {
    Lines lines(text);
    while (const auto line = lines.next()) {
        if (line->starts_with("-----BEGIN PGP ")) {
            return true;
        }
    }
    return false;
}

Unwrapped dearmor(std::string_view text, std::string_view kind) {
    const std::string begin = fmt::format("-----BEGIN {}-----", kind);
    const std::string end = fmt::format("-----END {}-----", kind);
    Unwrapped result;
    Lines lines(text);
    while (lines.skip_to(begin)) {
        result.problem = dearmor_block(lines, end, result.content);
        if (!result.problem.empty()) {
            return {{}, result.problem};
        }
    }
    if (result.content.empty()) {
        return {{}, fmt::format("there is no armored {} in it", kind)};
    }
    return result;
}

} // namespace slipway::verify
