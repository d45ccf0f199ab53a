// --verify.

#include "verify/policy.hh"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::verify {
namespace {

// BLAKE2b has SHA-512's length: only a document can tell them apart.
constexpr std::array kByLength{stream::Algorithm::Sha256, stream::Algorithm::Sha384,
                               stream::Algorithm::Sha512};

} // namespace

std::string_view word(Mode mode) noexcept {
    switch (mode) {
    case Mode::No:
        return "no";
    case Mode::Checksum:
        return "checksum";
    case Mode::Signature:
        return "signature";
    case Mode::Digest:
        break;
    }
    return "digest";
}

Policy parse_policy(std::string_view text) {
    for (const Mode mode : {Mode::No, Mode::Checksum, Mode::Signature}) {
        if (text == word(mode)) {
            Policy policy;
            policy.mode = mode;
            return policy;
        }
    }
    const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
    const auto fits = [&](stream::Algorithm algorithm) {
        return text.size() == stream::hex_length(algorithm);
    };
    const auto* algorithm = std::find_if(kByLength.begin(), kByLength.end(), fits);
    if (algorithm == kByLength.end() || !std::all_of(text.begin(), text.end(), is_hex)) {
        throw Error(Kind::InvalidArgument,
                    "--verify={} is not understood; expected no, checksum, signature, or a digest "
                    "of 64 (SHA-256), 96 (SHA-384) or 128 (SHA-512) hexadecimal digits{}",
                    quoted(text, 140),
                    text.size() > 20 ? fmt::format(" (these are {} characters)", text.size()) : "");
    }
    Policy policy{.mode = Mode::Digest, .algorithm = *algorithm, .digest = std::string(text)};
    std::transform(text.begin(), text.end(), policy.digest.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return policy;
}

} // namespace slipway::verify
