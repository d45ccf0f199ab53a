// Reading directories through descriptors.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.hh"

namespace slipway::volume {

struct DirectoryEntry {
    std::string name; ///< bytes, as they are
    std::uint64_t inode = 0;
    unsigned char type = 0; ///< DT_*; DT_UNKNOWN where the file system does not say
};

/// Opens the directory `name` in `parent` for reading, following no link.
/// @throws Error
Fd open_directory(int parent, const std::string& name);

/// Makes what was renamed, made or removed in a directory survive a power loss.
/// @param which  for messages: "of the pool"
/// @throws Error
void sync_directory(int directory, const std::string& which);

/// Opens what lies beneath `parent` at `path`, a path of any length without "..": no symlink is
/// followed on the way or at its end, no mount is crossed, and opening waits for nobody.
/// @param flags  of open(2)
/// @returns an empty descriptor, and errno (EXDEV: a mount; ELOOP: a symlink), when it cannot
Fd open_beneath(int parent, const std::string& path, std::uint64_t flags) noexcept;

/// Opens `path` as a process would whose root is `root`: symlinks on the way are followed and lead
/// nowhere out of it, one at the end is not followed, no mount is crossed, and opening waits for
/// nobody.
/// @returns an empty descriptor, and errno, when it cannot
Fd open_in_root(int root, const std::string& path, std::uint64_t flags) noexcept;

/// The first `limit` entries, "." and ".." left out. Moves the descriptor's offset.
/// @throws Error
std::vector<DirectoryEntry> read_entries(int directory, std::size_t limit);

/// The next entries from where the descriptor stands, at least `limit` where there are so many;
/// none at the end.
/// @throws Error
std::vector<DirectoryEntry> next_entries(int directory, std::size_t limit);

/// All entries. Leaves the offset of `directory` alone.
std::vector<DirectoryEntry> all_entries(int directory);

} // namespace slipway::volume
