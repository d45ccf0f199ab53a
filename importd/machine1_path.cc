// A digit in front is escaped too, and the empty name is "_".

#include "importd/machine1_path.hh"

#include <charconv>

#include <fmt/format.h>

namespace slipway::importd {
namespace {

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

} // namespace

std::string escape_label(std::string_view name) {
    std::string label;
    for (const char byte : name) {
        if (is_letter(byte) || (is_digit(byte) && !label.empty())) {
            label += byte;
        } else {
            label += fmt::format("_{:02x}", static_cast<unsigned char>(byte));
        }
    }
    return label.empty() ? "_" : label;
}

std::optional<std::string> unescape_label(std::string_view label) {
    std::string name;
    for (std::size_t at = 0; label != "_" && at < label.size(); ++at) {
        if (label[at] != '_') {
            name += label[at];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = label.substr(at + 1, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) {
            return std::nullopt;
        }
        name += static_cast<char>(byte);
        at += 2;
    }
    return escape_label(name) == label ? std::optional(name) : std::nullopt;
}

std::string image_path(std::string_view name) {
    return fmt::format("{}/{}", kImagesPath, escape_label(name));
}

std::string machine_path(std::string_view name) {
    return fmt::format("{}/{}", kMachinesPath, escape_label(name));
}

} // namespace slipway::importd
