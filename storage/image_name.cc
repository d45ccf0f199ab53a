// The rules of systemd's image_name_is_valid(), tar_strip_suffixes() and raw_strip_suffixes().

#include "storage/image_name.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::storage {
namespace {

constexpr std::size_t kMaxBytes = 255; // NAME_MAX

bool is_control(char byte) noexcept {
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x20 || value == 0x7F;
}

// U+FDD0–U+FDEF and the last two code points of each plane: well-formed, but systemd's
// unichar_is_valid() takes none of them. `text` is well-formed UTF-8.
bool has_noncharacter(std::string_view text) noexcept {
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[i + at]); };
        if (byte(0) == 0xEF && byte(1) == 0xB7 && byte(2) >= 0x90 && byte(2) <= 0xAF) {
            return true;
        }
        const bool plane_end = byte(1) == 0xBF && byte(2) >= 0xBE;
        if (byte(0) == 0xEF && plane_end) {
            return true;
        }
        // Four bytes: U+nFFFE ends in .F BF BE, where the second byte's low four bits are all set.
        if (i > 0 && static_cast<unsigned char>(text[i - 1]) >= 0xF0 && (byte(0) & 0x0F) == 0x0F &&
            plane_end) {
            return true;
        }
    }
    return false;
}

std::optional<std::string_view> what_is_wrong(std::string_view text) {
    if (text.empty()) {
        return "it is empty";
    }
    if (text.size() > kMaxBytes) {
        return "it has more than 255 bytes";
    }
    if (text == "." || text == "..") {
        return "it is a directory's own";
    }
    if (text.find('/') != std::string_view::npos) {
        return "it holds a '/'";
    }
    if (std::any_of(text.begin(), text.end(), is_control)) {
        return "it holds a control character";
    }
    if (to_utf8(text) != text || has_noncharacter(text)) {
        return "it is not UTF-8";
    }
    if (text.starts_with(".#")) {
        return "it begins with '.#', as temporary files do";
    }
    return std::nullopt;
}

} // namespace

std::optional<ImageName> ImageName::if_valid(std::string_view text) {
    if (what_is_wrong(text)) {
        return std::nullopt;
    }
    return ImageName(std::string(text));
}

ImageName ImageName::derive(std::string_view file_name, std::string_view name) {
    if (const auto wrong = what_is_wrong(name)) {
        throw Error(Kind::InvalidArgument,
                    "no name for the image can be made from {}: of {} {}. Give a name",
                    quoted(file_name), quoted(name), *wrong);
    }
    return ImageName(std::string(name));
}

ImageName ImageName::parse(std::string_view text) {
    if (const auto wrong = what_is_wrong(text)) {
        throw Error(Kind::InvalidArgument, "{} is not a name for an image: {}", quoted(text),
                    *wrong);
    }
    return ImageName(std::string(text));
}

std::string_view without_tar_suffix(std::string_view file_name) noexcept {
    static constexpr std::array<std::string_view, 7> kSuffixes = {
        ".tar", ".tar.xz", ".tar.gz", ".tar.bz2", ".tar.zst", ".tar.lz4", ".tgz"};
    for (const std::string_view suffix : kSuffixes) {
        if (file_name.ends_with(suffix)) {
            return file_name.substr(0, file_name.size() - suffix.size());
        }
    }
    return file_name;
}

std::string_view without_disk_suffixes(std::string_view file_name) noexcept {
    static constexpr std::array<std::string_view, 11> kSuffixes = {
        ".xz",          ".gz",  ".bz2",   ".zst", ".lz4", ".sysext.raw",
        ".confext.raw", ".raw", ".qcow2", ".img", ".bin"};
    for (std::size_t before = 0; before != file_name.size();) {
        before = file_name.size();
        for (const std::string_view suffix : kSuffixes) {
            if (file_name.ends_with(suffix)) {
                file_name.remove_suffix(suffix.size());
            }
        }
    }
    return file_name;
}

ImageName ImageName::from_tar_file(std::string_view file_name) {
    return derive(file_name, without_tar_suffix(file_name));
}

ImageName ImageName::from_raw_file(std::string_view file_name) {
    return derive(file_name, without_disk_suffixes(file_name));
}

} // namespace slipway::storage
