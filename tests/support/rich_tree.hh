// A source tree that has one of everything: owners, modes, times, links, devices, attributes,
// ACLs, holes and awkward names.

#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace slipway::tests {

/// What to leave out, for formats, tools and callers that cannot hold it.
struct RichTree {
    bool long_names = true;      ///< beyond 100 bytes, and targets beyond that
    bool odd_names = true;       ///< not UTF-8, decomposed, newline
    bool surrogates = true;      ///< in a name, as CESU-8 has them
    bool owners = true;          ///< other than the caller; needs root
    bool large_ids = true;       ///< beyond 2²¹
    bool devices = true;         ///< needs root
    bool attributes = true;      ///< user.*, security.capability
    bool acls = true;            ///< access and default
    bool holes = true;           ///< in files
    bool symlink_links = true;   ///< hard links of symlinks
    bool node_links = true;      ///< hard links of fifos
    bool nanoseconds = true;     ///< in times
    bool old_times = true;       ///< before 1970
    bool old_nanoseconds = true; ///< in such times
};

/// Fills the existing, empty directory `root`. The metadata of the root itself is set as well.
void make_rich_tree(const std::filesystem::path& root, const RichTree& tree = {});

/// Why attributes or ACLs cannot be set below `directory`; nothing when they can.
std::optional<std::string> no_attributes(const std::filesystem::path& directory);

} // namespace slipway::tests
