// Offsets are counted from 0, where ECMA-119 counts from 1.

#include "spawn/settle_iso.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/error.hh"

namespace slipway::spawn {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSector = 2048;
constexpr std::size_t kFirstDescriptor = 16 * kSector;
constexpr std::size_t kRootRecord = 156; ///< in a descriptor
constexpr std::string_view kDate = "1980010100000000\0"sv;
constexpr std::string_view kShortDate = "\x50\x01\x01\0\0\0\0"sv; ///< the same: 1900 + 80

// A view of the image that ends where it ends.
class Image {
public:
    explicit Image(std::string& bytes) : bytes_(bytes) {}

    std::uint8_t byte(std::size_t at) const {
        check(at, 1);
        return static_cast<std::uint8_t>(bytes_[at]);
    }
    // The little-endian half of a number in both orders (ECMA-119 §7.3.3).
    std::size_t number(std::size_t at) const {
        return byte(at) | std::size_t{byte(at + 1)} << 8U | std::size_t{byte(at + 2)} << 16U |
               std::size_t{byte(at + 3)} << 24U;
    }
    std::string_view text(std::size_t at, std::size_t length) const {
        check(at, length);
        return std::string_view(bytes_).substr(at, length);
    }
    void put(std::size_t at, std::string_view text) {
        check(at, text.size());
        bytes_.replace(at, text.size(), text);
    }

private:
    void check(std::size_t at, std::size_t length) const {
        if (at > bytes_.size() || length > bytes_.size() - at) {
            throw Error(Kind::Internal, "the ISO 9660 image that was made ends at byte {}",
                        bytes_.size());
        }
    }
    std::string& bytes_;
};

std::string volume_name(std::string_view id, bool wide) {
    constexpr std::size_t kLength = 32;
    std::string name;
    for (const char letter : id) {
        name += wide ? std::string{'\0', letter} : std::string{letter}; // UCS-2, big-endian
    }
    while (name.size() < kLength) {
        name += wide ? "\0 "sv : " "sv;
    }
    return name;
}

// Rock Ridge's fields of one directory record: a signature, a length, a version, what it is about.
void settle_fields(Image& image, std::size_t at, std::size_t end) {
    constexpr std::size_t kHeader = 4;
    while (at + kHeader <= end && image.byte(at + 2) >= kHeader) {
        const std::string_view signature = image.text(at, 2);
        const std::size_t length = image.byte(at + 2);
        if (signature == "PX") {
            constexpr std::size_t kOwner = 20; // behind mode and links; then the group
            image.put(at + kOwner, std::string(16, '\0'));
        } else if (signature == "TF") {
            for (std::size_t date = at + kHeader + 1; date < at + length;
                 date += kShortDate.size()) {
                image.put(date, kShortDate);
            }
        }
        at += length;
    }
}

void settle_record(Image& image, std::size_t at) {
    constexpr std::size_t kRecordDate = 18;
    constexpr std::size_t kNameLength = 32;
    image.put(at + kRecordDate, kShortDate);
    const std::size_t name = image.byte(at + kNameLength);
    const std::size_t fields = at + kNameLength + 1 + name + (name % 2 == 0 ? 1 : 0);
    settle_fields(image, fields, at + image.byte(at));
}

void settle_directory(Image& image, std::size_t start, std::size_t size) {
    for (std::size_t at = start; at < start + size;) {
        const std::size_t length = image.byte(at);
        if (length == 0) {
            at = (at / kSector + 1) * kSector; // a record does not cross a sector's end
            continue;
        }
        settle_record(image, at);
        at += length;
    }
}

void settle_volume(Image& image, std::size_t at, std::string_view name) {
    constexpr std::size_t kName = 40;
    constexpr std::size_t kDates[] = {813, 830, 864}; // made, changed, effective from
    constexpr std::size_t kExtent = kRootRecord + 2;
    constexpr std::size_t kExtentSize = kRootRecord + 10;
    image.put(at + kName, name);
    for (const std::size_t date : kDates) {
        image.put(at + date, kDate);
    }
    settle_record(image, at + kRootRecord);
    settle_directory(image, image.number(at + kExtent) * kSector, image.number(at + kExtentSize));
}

} // namespace

void settle_iso(std::string& bytes, std::string_view volume_id) {
    enum : std::uint8_t { kPrimary = 1, kSupplementary = 2, kTerminator = 255 };
    Image image(bytes);
    std::size_t at = kFirstDescriptor;
    for (; image.byte(at) != kTerminator; at += kSector) {
        if (image.text(at + 1, 5) != "CD001") {
            throw Error(Kind::Internal, "the image that was made is no ISO 9660 image");
        }
        const bool wide = image.byte(at) == kSupplementary;
        if (wide || image.byte(at) == kPrimary) {
            settle_volume(image, at, volume_name(volume_id, wide));
        }
    }
    const std::size_t note = at + kSector;
    if (image.text(note, 5) == "INFO ") {
        image.put(note, std::string(kSector, '\0'));
    }
}

} // namespace slipway::spawn
