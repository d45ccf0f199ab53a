// Tar archives made in memory, for tests that need many entries or large ones. What is hostile or
// odd lies in testdata/tar/.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::tests {

/// A header block. `type`: '0' file, '5' directory, 'S' old GNU sparse, 'x' pax.
std::string tar_header(std::string_view name, char type, std::uint64_t size_bytes);

/// Header and contents, padded.
std::string tar_file(std::string_view name, std::string_view contents);
std::string tar_directory(std::string_view name);

/// The two blocks of zeros.
std::string tar_end();

} // namespace slipway::tests
