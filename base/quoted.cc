// Escaping for people and for JSON. UTF-8 as in RFC 3629 §4 (no overlong forms, no surrogates).

#include "base/quoted.hh"

#include <cstddef>
#include <iterator>

#include <fmt/format.h>

namespace slipway {
namespace {

// The length of the well-formed UTF-8 character that `text` begins with; 0 when there is none.
std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto in = [](unsigned value, unsigned low, unsigned high) {
        return value >= low && value <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (in(first, 0xC2, 0xDF)) {
        return in(byte(1), 0x80, 0xBF) ? 2 : 0;
    }
    if (in(first, 0xE0, 0xEF)) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return in(byte(1), low, high) && in(byte(2), 0x80, 0xBF) ? 3 : 0;
    }
    if (in(first, 0xF0, 0xF4)) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        const bool tail = in(byte(2), 0x80, 0xBF) && in(byte(3), 0x80, 0xBF);
        return in(byte(1), low, high) && tail ? 4 : 0;
    }
    return 0;
}

// C1 controls (U+0080–U+009F) and the bidirectional overrides can rearrange a terminal line.
bool is_disguise(std::string_view character) noexcept {
    if (character.size() == 2 && character[0] == '\xC2') {
        return static_cast<unsigned char>(character[1]) < 0xA0;
    }
    if (character.size() == 3 && character[0] == '\xE2') {
        const auto second = static_cast<unsigned char>(character[1]);
        const auto third = static_cast<unsigned char>(character[2]);
        return (second == 0x80 && (third >= 0xA8 && third <= 0xAE)) ||
               (second == 0x81 && third >= 0xA6 && third <= 0xA9);
    }
    return false;
}

void append_hex(std::string& out, std::string_view bytes) {
    for (const char byte : bytes) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
    }
}

void append_escaped(std::string& out, std::string_view character) {
    switch (character[0]) {
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\'':
        out += "\\'";
        return;
    default:
        break;
    }
    const auto first = static_cast<unsigned char>(character[0]);
    if (first < 0x20 || first == 0x7F || is_disguise(character)) {
        append_hex(out, character);
    } else {
        out += character;
    }
}

} // namespace

std::string escaped(std::string_view text, std::size_t limit_bytes) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            append_hex(out, text.substr(0, 1));
        } else {
            append_escaped(out, text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
        if (out.size() >= limit_bytes && !text.empty()) {
            return out + "…";
        }
    }
    return out;
}

std::string Quoted::operator()(std::string_view text, std::size_t limit_bytes) const {
    return "'" + escaped(text, limit_bytes) + "'";
}

std::string relayed(std::string_view text, std::size_t limit_bytes) {
    std::string plain(text);
    std::erase_if(plain, [](char c) { return c == '\'' || c == '\\'; });
    const bool honest = text.size() <= limit_bytes && escaped(plain, limit_bytes) == plain;
    return honest ? std::string(text) : escaped(text, limit_bytes);
}

std::string to_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            append_hex(out, text.substr(0, 1));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

} // namespace slipway
