// What a name in a pool leads to, in a way that can be written down and found again after a
// restart: device numbers change then, and a name may have been given to something else.

#pragma once

#include <optional>
#include <string>

namespace slipway::storage {

/// "subvolume:NUMBER", else "inode:NUMBER:BIRTH" with the time of birth in nanoseconds (0 where
/// the file system has none). Symlinks are not followed. Nothing when there is no such entry.
/// @throws Error
std::optional<std::string> find_identity(int directory, const std::string& name);

} // namespace slipway::storage
