// Whether the siblings of an image can come to stand under another name.

#pragma once

#include <filesystem>

#include "storage/pool.hh"

namespace slipway::storage {

/// Refuses a name under which something stands in the pool that would be a sibling of the image:
/// left by another one, it would be taken for this one's, and a root hash would speak against it.
/// @throws Error Exists (names it); InvalidArgument: the name is too long
void check_no_siblings(const Pool& pool, const ImageName& name);

/// The same for one file of settings elsewhere.
/// @throws Error Exists
void check_no_settings(const std::filesystem::path& path);

} // namespace slipway::storage
