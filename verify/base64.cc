// One character at a time: the texts are short.

#include "verify/base64.hh"

namespace slipway::verify {
namespace {

int value_of(char c) noexcept {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

bool Base64::decode(std::string_view text, std::string& out) {
    for (const char c : text) {
        const int value = value_of(c);
        if (c == '=' && padding_ < 2) {
            ++padding_;
        } else if (value < 0 || padding_ > 0) {
            return false;
        } else {
            add(static_cast<unsigned>(value), out);
        }
    }
    return true;
}

bool Base64::canonical() const noexcept {
    const std::size_t in_last_group = characters_ % 4;
    const std::uint32_t unused = in_last_group == 2 ? 0xF : in_last_group == 3 ? 0x3 : 0;
    return (bits_ & unused) == 0;
}

void Base64::add(unsigned value, std::string& out) {
    bits_ = (bits_ << 6 | value) & 0xFFFFFF;
    ++characters_;
    if (characters_ % 4 != 1) { // the first of four completes no byte
        const unsigned shift = 6 - 2 * static_cast<unsigned>((characters_ - 1) % 4);
        out.push_back(static_cast<char>(bits_ >> shift & 0xFF));
    }
}

std::optional<std::string> from_base64(std::string_view text) {
    Base64 base64;
    std::string bytes;
    if (!base64.decode(text, bytes) || !base64.complete() || !base64.canonical()) {
        return std::nullopt;
    }
    return bytes;
}

} // namespace slipway::verify
