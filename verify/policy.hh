// What has to vouch for an image before it is stored: the value of --verify.

#pragma once

#include <string>
#include <string_view>

#include "stream/algorithm.hh"

namespace slipway::verify {

enum class Mode {
    No,        ///< nothing
    Checksum,  ///< a checksum document beside the image
    Signature, ///< such a document, signed by a key we hold
    Digest,    ///< the digest that the caller gave
};

/// "no", "checksum", "signature", "digest".
std::string_view word(Mode mode) noexcept;

struct Policy {
    Mode mode = Mode::Signature;
    /// For Mode::Digest: lower-case hexadecimal and its algorithm (by length: 64 SHA-256,
    /// 96 SHA-384, 128 SHA-512).
    stream::Algorithm algorithm = stream::Algorithm::Sha256;
    std::string digest;
};

/// "no", "checksum", "signature", or a digest in hexadecimal (either case).
/// @throws Error InvalidArgument: says what was expected
Policy parse_policy(std::string_view text);

} // namespace slipway::verify
