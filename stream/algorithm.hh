// The digest algorithms by name. Values only: a program that judges digests without computing any
// needs no OpenSSL.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::stream {

enum class Algorithm { Sha256, Sha384, Sha512, Blake2b };

/// "sha256", "sha384", "sha512", "blake2b": as in requests, events and provenance.
std::string_view word(Algorithm algorithm) noexcept;
/// "SHA-256", "SHA-384", "SHA-512", "BLAKE2b": as people read it.
std::string_view display_name(Algorithm algorithm) noexcept;
std::optional<Algorithm> find_algorithm(std::string_view word) noexcept;
/// Length of the digest in hexadecimal characters.
std::size_t hex_length(Algorithm algorithm) noexcept;

/// Lower-case hexadecimal digests by algorithm.
using Digests = std::map<Algorithm, std::string>;

} // namespace slipway::stream
