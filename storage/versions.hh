// Directories of versions, NAME.v: of what lies in one, the newest that this host can use is the
// image NAME (systemd.v(7), systemd 256).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::storage {

/// What a file name says: NAME_VERSION[_ARCH][+LEFT[-DONE]]SUFFIX.
struct VersionedName {
    std::string file_name;
    std::string version;
    std::string architecture;              ///< systemd's word; empty: it names none
    std::uint64_t tries_left = UINT64_MAX; ///< so many boots may still fail; absent: any number
    std::uint64_t tries_done = UINT64_MAX;
};

/// Those of `file_names` that are versions of `name` for this host, the best first: with tries
/// left, newest, of the host's own architecture, with most tries left.
/// @param suffix   "", ".raw"
/// @param machine  of uname(2): "x86_64"
std::vector<VersionedName> versions_of(std::string_view name, std::string_view suffix,
                                       const std::vector<std::string>& file_names,
                                       std::string_view machine);

} // namespace slipway::storage
