// The one door to inih: a text in sections, as systemd writes them, one key at a time.

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

/// The longest line that the library takes whole as the distributions build it, with a buffer of
/// 200 bytes.
constexpr std::size_t kLongestLineBytes = 197;

struct IniKey {
    std::string_view section;
    std::string_view name;
    std::string_view value; ///< without blanks around it; empty when nothing is behind the "="
    unsigned line = 0;      ///< from 1
};

/// Calls `take` for every key in the order of the text. Comments begin with # or ;. Lines are not
/// continued. What `take` throws comes out, after the rest of the text was passed over.
/// @throws Error InvalidArgument: "line 7: …": no section before the first key, no "=", too long,
///               NUL, not UTF-8
void read_ini(std::string_view text, const std::function<void(const IniKey&)>& take);

/// The text of a file of settings; nothing when there is no such file. A link to /dev/null is
/// empty, which is how systemd's tools mask a drop-in.
/// @throws Error  it cannot be read, is no file, or larger than a MiB; names it
std::optional<std::string> read_ini_file_if_exists(const std::filesystem::path& path);

} // namespace slipway
