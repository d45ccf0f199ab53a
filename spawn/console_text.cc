// ECMA-48: ESC '[' parameters and a final byte; ESC ']' and such up to BEL or ESC '\'.

#include "spawn/console_text.hh"

#include <algorithm>

#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

constexpr char kEscape = 0x1b;
constexpr char kBell = 0x07;

// How long the sequence at the start is, which begins with ESC.
std::size_t sequence_size(std::string_view text) {
    const char kind = text.size() > 1 ? text[1] : '\0';
    if (kind == '[') {
        const auto* end = std::find_if(text.begin() + 2, text.end(),
                                       [](char byte) { return byte >= '@' && byte <= '~'; });
        return end == text.end() ? text.size() : static_cast<std::size_t>(end - text.begin()) + 1;
    }
    if (std::string_view("]PX^_").find(kind) != std::string_view::npos && kind != '\0') {
        const std::size_t bell = text.find(kBell);
        const std::size_t string_end = text.find("\x1b\\", 2);
        if (bell == text.npos && string_end == text.npos) {
            return text.size();
        }
        return bell < string_end ? bell + 1 : string_end + 2;
    }
    // ESC, intermediate bytes, a final one.
    std::size_t size = 1;
    while (size < text.size() && text[size] >= ' ' && text[size] <= '/') {
        ++size;
    }
    return std::min(size + 1, text.size());
}

} // namespace

std::string plain_line(std::string_view line) {
    std::string plain;
    while (!line.empty()) {
        const bool is_sequence = line.front() == kEscape;
        if (!is_sequence && line.front() != '\r') {
            plain += line.front();
        }
        line.remove_prefix(is_sequence ? sequence_size(line) : 1);
    }
    return escaped(plain, 4 * plain.size() + 1);
}

std::string plain_text(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        plain += plain_line(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return plain;
}

std::string_view last_lines_of(std::string_view text, std::size_t count) {
    std::size_t start = text.size();
    if (start > 0 && text.back() == '\n') {
        --start;
    }
    while (start > 0) {
        if (text[start - 1] == '\n' && --count == 0) {
            break;
        }
        --start;
    }
    return text.substr(start);
}

} // namespace slipway::spawn
