// Documents on their way between programs: sealed, so that neither side can change what the other
// has read (memfd_create(2), fcntl(2) F_ADD_SEALS).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway {

/// An anonymous file with this content that nobody can change, read from its start.
Fd make_sealed_memfd(std::string_view content);

/// An empty anonymous file.
Fd make_memfd();

/// Writes all of `content`.
void write_all(int fd, std::string_view content);

/// All bytes of the file behind `fd`, from its start, whatever its offset.
/// @throws Error  Limit: it holds more than `limit_bytes`
std::string read_all(int fd, std::uint64_t limit_bytes);

} // namespace slipway
