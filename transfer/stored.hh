// The words for what has become of an image's bytes.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pull/wire.hh"
#include "storage/pool.hh"

namespace slipway::transfer {

/// "directory", "subvolume", "raw disk".
std::string_view noun(storage::ImageType type) noexcept;

/// "1.2G in 34 entries", "2.0G of which 512.0M are data, qcow2".
std::string extent(const pull::UnpackDone& unpacked);

/// What was made of the input that a person might not expect, a line each: a top directory left
/// out, a disk taken out of a tar.
std::vector<std::string> remarks(const pull::UnpackDone& unpacked);

/// A disk whose bytes came as they are: nothing in them tells where they have to end.
bool is_plain_disk(const pull::UnpackDone& unpacked);

} // namespace slipway::transfer
