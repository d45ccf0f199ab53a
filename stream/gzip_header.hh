// The header of a gzip member (RFC 1952 2.3), read in whatever pieces it comes. Internal to the
// room.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway::stream {

class GzipHeader {
public:
    /// Reads on; returns how many of the bytes belong to the header.
    std::size_t take(Bytes bytes);
    bool complete() const noexcept { return field_ == Field::End; }
    /// Why the header is refused; take() must not be called again.
    const std::optional<Error>& problem() const noexcept { return problem_; }

private:
    enum class Field { Fixed, ExtraLength, Extra, Name, Comment, Check, End };

    void take_byte(std::uint8_t byte);
    void take_fixed(std::uint8_t byte);
    void enter(Field field) noexcept;
    bool has(Field field) const noexcept;
    void add_to_crc(std::uint8_t byte) noexcept;

    Field field_ = Field::Fixed;
    std::uint32_t position_ = 0; ///< in the field
    std::uint32_t extra_length_ = 0;
    std::uint8_t flags_ = 0;
    std::uint32_t crc_ = 0xffffffff;
    std::uint32_t stated_crc_ = 0;
    std::optional<Error> problem_;
};

} // namespace slipway::stream
