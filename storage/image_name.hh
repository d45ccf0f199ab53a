// The name of an image: machinectl's rules, so that every image of ours is one of theirs.

#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::storage {

/// 1–255 bytes of UTF-8 without noncharacters, no '/', no control character (C0 and DEL), not "."
/// or "..", not beginning ".#" (systemd's image_name_is_valid).
class ImageName {
public:
    /// @throws Error InvalidArgument: the name, and what is wrong with it
    static ImageName parse(std::string_view text);
    /// For names found in a directory: nothing when it is none.
    static std::optional<ImageName> if_valid(std::string_view text);
    /// The name a tar gets from its file name: one suffix of .tar .tar.xz .tar.gz .tar.bz2
    /// .tar.zst .tar.lz4 .tgz taken off, as machinectl does it.
    /// @throws Error InvalidArgument: nothing usable is left; says to give a name
    static ImageName from_tar_file(std::string_view file_name);

    const std::string& text() const noexcept { return text_; }
    friend auto operator<=>(const ImageName&, const ImageName&) = default;

private:
    explicit ImageName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace slipway::storage
