// A byte at a time: headers are short, and come once a member.

#include "stream/gzip_header.hh"

namespace slipway::stream {
namespace {

constexpr std::uint8_t kHasCheck = 0x02;
constexpr std::uint8_t kHasExtra = 0x04;
constexpr std::uint8_t kHasName = 0x08;
constexpr std::uint8_t kHasComment = 0x10;
constexpr std::uint8_t kReserved = 0xe0;
constexpr std::uint8_t kDeflate = 8;
constexpr std::uint32_t kFixedBytes = 10;

} // namespace

std::size_t GzipHeader::take(Bytes bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !complete() && !problem_) {
        take_byte(std::to_integer<std::uint8_t>(bytes[taken++]));
    }
    return taken;
}

void GzipHeader::take_byte(std::uint8_t byte) {
    if (field_ != Field::Check) {
        add_to_crc(byte);
    }
    switch (field_) {
    case Field::Fixed:
        take_fixed(byte);
        break;
    case Field::ExtraLength:
        extra_length_ |= static_cast<std::uint32_t>(byte) << (8 * position_);
        if (++position_ == 2) {
            enter(extra_length_ > 0 ? Field::Extra : Field::Name);
        }
        break;
    case Field::Extra:
        if (++position_ == extra_length_) {
            enter(Field::Name);
        }
        break;
    case Field::Name:
        if (byte == 0) {
            enter(Field::Comment);
        }
        break;
    case Field::Comment:
        if (byte == 0) {
            enter(Field::Check);
        }
        break;
    case Field::Check:
        stated_crc_ |= static_cast<std::uint32_t>(byte) << (8 * position_);
        if (++position_ == 2) {
            // RFC 1952: the two least significant bytes of the CRC-32 of what came before.
            if (stated_crc_ != (~crc_ & 0xffff)) {
                problem_ = Error(Kind::Corrupt, "the check of its header does not match");
            }
            enter(Field::End);
        }
        break;
    case Field::End:
        break;
    }
}

void GzipHeader::take_fixed(std::uint8_t byte) {
    if (position_ == 2 && byte != kDeflate) {
        problem_ = Error(Kind::Corrupt, "its compression method is {} and not 8 (deflate)", byte);
    } else if (position_ == 3) {
        flags_ = byte;
        if ((flags_ & kReserved) != 0) {
            problem_ = Error(Kind::Corrupt, "its header has the reserved flags {:#04x} set",
                             flags_ & kReserved);
        }
    }
    if (++position_ == kFixedBytes) {
        enter(Field::ExtraLength);
    }
}

// Enters `field`, or the first one after it that the flags announce.
void GzipHeader::enter(Field field) noexcept {
    while (field != Field::End && !has(field)) {
        field = static_cast<Field>(static_cast<int>(field) + 1);
    }
    field_ = field;
    position_ = 0;
}

bool GzipHeader::has(Field field) const noexcept {
    switch (field) {
    case Field::ExtraLength:
        return (flags_ & kHasExtra) != 0;
    case Field::Extra:
        return extra_length_ > 0;
    case Field::Name:
        return (flags_ & kHasName) != 0;
    case Field::Comment:
        return (flags_ & kHasComment) != 0;
    case Field::Check:
        return (flags_ & kHasCheck) != 0;
    case Field::Fixed:
    case Field::End:
        break;
    }
    return true;
}

// CRC-32 as in RFC 1952 section 8, bit by bit.
void GzipHeader::add_to_crc(std::uint8_t byte) noexcept {
    crc_ ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
        crc_ = (crc_ >> 1) ^ ((crc_ & 1) != 0 ? 0xedb88320 : 0);
    }
}

} // namespace slipway::stream
