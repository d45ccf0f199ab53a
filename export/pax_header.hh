// One entry's header in a tar of POSIX.1-2017 (pax, "ustar Interchange Format" and "pax Interchange
// Format"). Ours and not libarchive's writer: that one takes names through the locale, where those
// that are not UTF-8 lose bytes, and writes every attribute twice.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <time.h>

namespace slipway::exports {

/// The values are the format's.
enum class EntryType : char {
    File = '0',
    HardLink = '1',
    Symlink = '2',
    CharDevice = '3',
    BlockDevice = '4',
    Directory = '5',
    Fifo = '6',
};

struct TarEntry {
    EntryType type = EntryType::File;
    std::string name;     ///< bytes; of a directory with a '/' at its end
    std::string target{}; ///< of a link
    mode_t mode = 0;      ///< the permissions are taken
    uid_t uid = 0;
    gid_t gid = 0;
    timespec mtime{};
    std::uint64_t size_bytes = 0; ///< of what follows the header, the map of a sparse file included
    /// Of a sparse file: its size with the holes (GNU tar manual, "Storing Sparse Files",
    /// format 1.0).
    std::optional<std::uint64_t> sparse_size_bytes{};
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    /// Further records: "SCHILY.xattr.user.x" and its bytes. Written in this order.
    std::vector<std::pair<std::string, std::string>> records{};
};

/// Whole blocks of 512 bytes: an extended header where one is needed, and the entry's own. Of the
/// same entry the same bytes.
std::string pax_header(const TarEntry& entry);

} // namespace slipway::exports
