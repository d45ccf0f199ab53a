// `slipway-transfer features POOL` (docs/protocol.md §5).

#pragma once

#include <filesystem>
#include <string>

namespace slipway::transfer {

/// What the file system of a pool offers, as JSON; of one that does not exist yet, what its nearest
/// directory's does. Tries it there, so it needs the right to write.
/// @throws Error
std::string features_json(const std::filesystem::path& pool);

} // namespace slipway::transfer
