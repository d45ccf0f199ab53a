// Small files of the cache.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway::cache {

/// Descriptions of entries and of publications.
inline constexpr std::uint64_t kMaxDescriptionBytes = 1024 * 1024;

/// Makes an empty file (0600) in a directory of the cache, opened for writing.
/// @throws Error
Fd make_file(int directory, const std::string& name);

/// @throws Error
void write_text(int directory, const std::string& name, std::string_view text);

/// Nothing when it is missing, is no regular file, or is longer.
std::optional<std::string> read_text(int directory, const std::string& name,
                                     std::uint64_t limit_bytes);

/// A regular file opened for reading; nothing where there is none. No link is followed.
Fd open_file(int directory, const std::string& name) noexcept;

} // namespace slipway::cache
