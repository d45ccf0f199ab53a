// An entry of a pool that may be an image: under which name, and which of several entries of one
// name counts (systemd's image_discover() and image_find(), 252 to 262). Not for other rooms.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "storage/image_class.hh"
#include "storage/image_name.hh"
#include "storage/pool.hh"
#include "volume/directory.hh"

namespace slipway::storage {

struct Candidate {
    ImageName name;
    std::string file;     ///< relative to the pool: "web", "web.raw", "web.v/web_1.2.raw"
    std::string versions; ///< "web.v", when it was chosen from there
    unsigned rank = 0;    ///< the smallest of one name counts
    bool is_link = false; ///< or may be one
    struct statx info {}; ///< of what it leads to
};

enum class Found { Nothing, Image, DanglingLink };

/// @param entry      as the directory has it
/// @param candidate  filled in when it is an image
/// @throws Error
Found look_at_entry(const Pool& pool, const volume::DirectoryEntry& entry,
                    std::optional<Candidate>& candidate);

/// One reading of a pool.
struct Scan {
    std::map<ImageName, Candidate> images;
    std::vector<std::pair<Candidate, std::string>> shadowed; ///< and the entry that shadows it
    std::vector<std::string> dangling;                       ///< links that lead nowhere
};

/// @param hidden  entries that begin with a dot count as well
/// @throws Error
Scan scan_pool(const Pool& pool, bool hidden);

/// The entries that an image of that name can be, the first that counts first; without directories
/// of versions.
std::vector<std::string> entries_of(const ImageName& name, ImageClass image_class);

/// "web.v", "web.raw.v" and so on, in the same order.
std::vector<std::string> version_entries_of(const ImageName& name, ImageClass image_class);

} // namespace slipway::storage
