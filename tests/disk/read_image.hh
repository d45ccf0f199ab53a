// A qcow2 image through the reader, from a file or from bytes.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hh"
#include "base/outcome.hh"

namespace slipway::tests {

struct ReadSettings {
    std::size_t piece = ~std::size_t{0}; ///< how many bytes the source gives at a time
    bool scratch = true;
    std::size_t claims = 1'000'000; ///< that are awaited at once
};

struct ReadOutcome {
    bool done = false;
    Kind kind = Kind::Other; ///< what it was refused with
    std::string error;
    std::vector<std::string> warnings;
    std::uint64_t size_bytes = 0;
    std::uint64_t data_bytes = 0;
    std::uint64_t scratch_bytes = 0; ///< what lies in the scratch file
};

/// Writes the disk of `image` to the file `into`, made anew. Beside it a scratch file comes and
/// goes.
ReadOutcome read_image(Bytes image, const std::filesystem::path& into,
                       const ReadSettings& settings = {});

/// The bytes of a file of testdata/qcow2/, by its name without ".qcow2".
std::string image_data(const std::string& name);
std::filesystem::path image_path(const std::string& name);

} // namespace slipway::tests
