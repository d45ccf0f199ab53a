// The files of minisign (jedisct1.github.io/minisign) and of signify(1), whose form OpenWrt's usign
// writes, too. Pure: whether a signature holds is said by check/minisign_check.hh.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::check {

/// Whether the text begins as every file of these tools does.
bool is_minisign(std::string_view content) noexcept;

struct MinisignKey {
    std::string number;  ///< 16 upper-case hexadecimal digits, as minisign prints it
    std::string key;     ///< Ed25519, 32 bytes
    std::string comment; ///< untrusted, as it stands

    bool operator==(const MinisignKey&) const = default;
};

/// A file holds one public key: a comment and a line of base64.
struct MinisignKeyFile {
    std::optional<MinisignKey> key;
    std::string problem; ///< why there is none: "it is a damaged minisign key"
};
MinisignKeyFile read_minisign_key(std::string_view content);

struct MinisignSignature {
    enum class Covers {
        Statement, ///< `Ed`
        Digest,    ///< `ED`: the BLAKE2b-512 of the statement
        Unknown,
    };
    Covers covers = Covers::Unknown;
    std::string number;    ///< of the key; a hint, and no proof
    std::string signature; ///< 64 bytes
    /// minisign's third and fourth line; signify has neither.
    bool has_trusted_comment = false;
    std::string trusted_comment;
    std::string comment_signature; ///< 64 bytes, over `signature` and `trusted_comment`
    std::string problem; ///< not empty: it lacks what it needs ("its fourth line is missing")
};

/// Nothing when it is no such signature: its first two lines cannot be read.
std::optional<MinisignSignature> read_minisign_signature(std::string_view content);

/// The time in a trusted comment "timestamp:1790000000…", as minisign writes it by itself; 0 when
/// there is none.
std::int64_t minisign_time(std::string_view trusted_comment) noexcept;

} // namespace slipway::check
