// The name of an image: machinectl's rules, so that every image of ours is one of theirs.

#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::storage {

/// Less one suffix of .tar .tar.xz .tar.gz .tar.bz2 .tar.zst .tar.lz4 .tgz, as machinectl does it.
std::string_view without_tar_suffix(std::string_view file_name) noexcept;
/// Less .xz .gz .bz2 .zst .lz4 .sysext.raw .confext.raw .raw .qcow2 .img .bin, again and again in
/// this order until nothing changes, as machinectl does it.
std::string_view without_disk_suffixes(std::string_view file_name) noexcept;

/// 1–255 bytes of UTF-8 without noncharacters, no '/', no control character (C0 and DEL), not "."
/// or "..", not beginning ".#" (systemd's image_name_is_valid).
class ImageName {
public:
    /// @throws Error InvalidArgument: the name, and what is wrong with it
    static ImageName parse(std::string_view text);
    /// For names found in a directory: nothing when it is none.
    static std::optional<ImageName> if_valid(std::string_view text);
    /// The name a tar gets from its file name: see without_tar_suffix().
    /// @throws Error InvalidArgument: nothing usable is left; says to give a name
    static ImageName from_tar_file(std::string_view file_name);
    /// The name a disk gets: see without_disk_suffixes().
    /// @throws Error InvalidArgument: nothing usable is left; says to give a name
    static ImageName from_raw_file(std::string_view file_name);

    const std::string& text() const noexcept { return text_; }
    friend auto operator<=>(const ImageName&, const ImageName&) = default;

private:
    static ImageName derive(std::string_view file_name, std::string_view name);
    explicit ImageName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace slipway::storage
