// Which images a cleaning takes away: the hidden ones, or all that nobody uses.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/catalog.hh"

namespace slipway::storage {

enum class CleanScope { Hidden, All };

/// What a cleaning leaves where it is, and why.
struct Spared {
    std::string name;
    std::string reason; ///< "it is in use by …"
};

struct Cleanable {
    std::vector<Located> images; ///< in the order in which they have to go
    std::vector<Leftover> leftovers;
    std::vector<Spared> spared;
};

/// Images below /usr, on read-only file systems, and the running system never go. Nor do the layers
/// (".oci-…") that an mstack stands on which stays itself: the links in it are counted.
/// @throws Error
Cleanable find_cleanable(const std::vector<std::filesystem::path>& search, ImageClass image_class,
                         CleanScope scope);

/// Whether an mstack in the pool stands on this layer.
bool is_layer_in_use(const std::filesystem::path& pool, const std::string& layer);

} // namespace slipway::storage
