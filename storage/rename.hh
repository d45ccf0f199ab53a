// Another name for an image and all that belongs to it.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/pool.hh"

namespace slipway::storage {

struct Renamed {
    std::filesystem::path path;    ///< of the image now
    std::vector<std::string> with; ///< siblings that came along: names, and whole paths elsewhere
};

/// Gives an image another name in its directory, without ever overwriting, and in the same
/// recoverable step its siblings and the administrator's settings for it. A disk keeps its ".raw";
/// of a symlinked image it is the link that is renamed. Sweeps what dead jobs left first.
/// @param search  one name is one image in all of these directories
/// @throws Error NotFound; Exists: the new name is taken, or a file stands where a sibling would
///         come; Busy (in use: names the holder; a mount in it: names it); Denied; InvalidArgument.
///         Nothing was changed then.
Renamed rename_image(const Pool& pool, const ImageName& name, const ImageName& new_name,
                     const std::vector<std::filesystem::path>& search);

} // namespace slipway::storage
