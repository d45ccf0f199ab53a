// Disk images through the writer by itself, or through the real program as the keeper drives it.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hh"
#include "base/outcome.hh"
#include "pull/unpack_disk.hh"
#include "pull/wire.hh"

namespace slipway::tests {

struct DiskOutcome {
    std::optional<pull::UnpackedDisk> disk; ///< what it was when it went well
    Kind kind = Kind::Other;                ///< what it failed with
    std::string error;
    std::vector<std::string> warnings;
    stream::Digests digests;        ///< of the program
    std::string codec;              ///< of the program
    std::uint64_t packed_bytes = 0; ///< of the program
};

struct DiskSettings {
    pull::Budget budget{};
    std::size_t piece = ~std::size_t{0}; ///< how many bytes the source gives at a time
    std::uint64_t packed_bytes = 0;      ///< that the image is said to have been; its size when 0
    bool scratch = true;
};

/// Writes the disk in `image` (not packed) to the file `into`, made anew.
DiskOutcome unpack_disk_here(Bytes image, const std::filesystem::path& into,
                             const DiskSettings& settings = {});

/// The same by slipway-unpack, from a descriptor and in any codec. SHA-256 is computed where the
/// request names no digest; its work is Disk unless it says Copy.
DiskOutcome unpack_disk_by_program(int input, const std::filesystem::path& into,
                                   pull::UnpackRequest request = {}, bool scratch = true);
DiskOutcome unpack_disk_by_program(const std::filesystem::path& image,
                                   const std::filesystem::path& into,
                                   const pull::UnpackRequest& request = {}, bool scratch = true);

} // namespace slipway::tests
