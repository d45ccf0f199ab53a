// Where key files and their drop-ins lie. All places count together: of two files of one name the
// one in the earlier place is taken, and an empty file, or a link to /dev/null, masks the later
// ones.

#pragma once

#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

namespace slipway::verify {

/// In the order in which a file hides its namesakes. The first is the administrator's.
inline constexpr std::array<std::string_view, 3> kKeyDirectories{
    "etc/slipway/keys.d", "run/slipway/keys.d", "usr/lib/slipway/keys.d"};

/// Of key files, with the dot. What is inside is told by the bytes.
inline constexpr std::array<std::string_view, 4> kKeySuffixes{".asc", ".gpg", ".pgp", ".pub"};
inline constexpr std::string_view kDropInSuffix = ".conf";

bool is_key_file_name(const std::filesystem::path& name);
/// Empty, or a link to /dev/null.
bool is_mask(const std::filesystem::path& file);

struct KeyPlaces {
    std::vector<std::filesystem::path> key_files; ///< by name
    std::vector<std::filesystem::path> drop_ins;  ///< by name
    std::vector<std::filesystem::path> masks; ///< files that hide their namesakes and say nothing
    std::vector<std::filesystem::path> unreadable;  ///< directories: what they say is not known
    std::vector<std::filesystem::path> peers_rings; ///< in their order, there or not
};

/// @param root  in the place of "/"
KeyPlaces find_key_places(const std::filesystem::path& root);

/// The key files and drop-ins called `name` in all of the directories, masks included, in the order
/// in which they hide their namesakes.
std::vector<std::filesystem::path> files_named(const std::filesystem::path& root,
                                               std::string_view name);

} // namespace slipway::verify
