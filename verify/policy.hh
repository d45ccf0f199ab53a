// What has to vouch for an image before it is stored: the value of --verify.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

/// The key rings that are looked at, in order, existing or not: keys.d of /etc, /run and /usr/lib
/// (a same-named file in an earlier place hides the later; an empty file or a link to /dev/null
/// masks), then the peers' rings of /etc/systemd and /usr/lib/systemd.
std::vector<std::filesystem::path> system_keyrings();

/// The same with another directory in the place of "/".
std::vector<std::filesystem::path> keyrings_below(const std::filesystem::path& root);

} // namespace slipway::verify
