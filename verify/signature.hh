// What the OpenPGP engine found about signatures, as values: judged by verify::Judge, in a program
// that has never seen the engine.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::verify {

/// What the engine said of one signature. Good is not yet accepted: see Judge.
enum class SignatureStatus {
    Good,
    Bad,
    UnknownKey,
    ExpiredKey,
    RevokedKey,
    ExpiredSignature,
    WeakDigest,  ///< the engine itself refuses the hash (MD5)
    Unsupported, ///< an algorithm or version it does not know
    Broken,      ///< anything else that it says
    Pending,     ///< its key is held and could be accepted; the bytes it signs were not seen yet
};

struct Signature {
    SignatureStatus status = SignatureStatus::Broken;
    /// "OpenPGP", "minisign" (its fingerprints are the 16 digits of the key number), "signify".
    std::string kind = "OpenPGP";
    std::string fingerprint; ///< of the signing key; only its key id (16 digits) when unknown
    std::string primary;     ///< fingerprint of the certificate's primary key; empty when unknown
    std::vector<std::string> rings; ///< names of the key files that hold it; empty when unknown
    std::string owner;              ///< first user id, escaped; may be empty
    std::string hash;               ///< "SHA512"
    std::string key_kind;           ///< "RSA"
    unsigned key_bits = 0;
    bool weak_hash = false;             ///< MD5, SHA-1, RIPEMD-160
    bool weak_key = false;              ///< RSA or DSA under 2048 bit
    bool unknown_subkey = false;        ///< the primary is known, our copy lacks this subkey
    std::int64_t created = 0;           ///< seconds since 1970
    std::int64_t key_expires = 0;       ///< 0: never
    std::int64_t signature_expires = 0; ///< 0: never
    std::string detail;                 ///< the engine's words, for messages
    std::string comment;                ///< minisign's trusted comment, escaped
};

/// Everything about one signature file or clearsigned document.
struct SignatureReport {
    std::vector<Signature> signatures; ///< empty: it is not a signature
    std::vector<std::string> warnings; ///< key rings that could not be read
    std::size_t keys = 0;              ///< how many keys the rings held
    std::string text; ///< for a clearsigned document: what is signed; not in the JSON
};

std::string to_json(const SignatureReport& report);
/// @throws Error Internal: not what the protocol says
SignatureReport signature_report_from_json(std::string_view json);

} // namespace slipway::verify
