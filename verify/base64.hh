// Base64 (RFC 4648 §4), as armor and the files of minisign hold it. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::verify {

/// Decodes a text in pieces of any length.
class Base64 {
public:
    /// Appends to `out`. False when `text` holds anything else, or something behind the padding.
    bool decode(std::string_view text, std::string& out);
    /// Whether no group of four is cut.
    bool complete() const noexcept { return (characters_ + padding_) % 4 == 0; }
    /// Whether the bits that stand for nothing are zero: else other texts mean the same bytes.
    bool canonical() const noexcept;

private:
    void add(unsigned value, std::string& out);

    std::uint32_t bits_ = 0;
    std::size_t characters_ = 0;
    std::size_t padding_ = 0;
};

/// The bytes that `text` stands for; nothing when another text could mean them, too.
std::optional<std::string> from_base64(std::string_view text);

} // namespace slipway::verify
