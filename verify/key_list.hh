// What key files hold, as values for people: read by slipway-check, shown by `slipway keys`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hh"

namespace slipway::verify {

struct ListedKey {
    std::string kind;                ///< "OpenPGP", "minisign"
    std::string fingerprint;         ///< of the primary key; minisign: 16 digits of the key number
    std::vector<std::string> owners; ///< user ids, escaped; minisign: its untrusted comment
    std::string algorithm;           ///< "RSA 4096", "Ed25519"
    std::vector<std::string> files;  ///< names of the key files that hold it
    std::int64_t created = 0;        ///< seconds since 1970; 0: unknown
    std::int64_t expires = 0;        ///< 0: never
    /// Until when one of its keys can sign, as far as is known now; 0: without end. In the past
    /// when none can any more.
    std::int64_t signs_until = 0;
    bool revoked = false;
    bool weak = false;
};

struct KeyList {
    std::vector<ListedKey> keys;       ///< in the order of the files
    std::vector<std::string> warnings; ///< files that could not be read, and why
};

/// How long its JSON may be: it travels in an anonymous file (docs/protocol.md §4).
inline constexpr std::size_t kMaxKeyListBytes = 1 * MiB;

std::string to_json(const KeyList& list);
/// @throws Error Internal: not what the protocol says
KeyList key_list_from_json(std::string_view json);

} // namespace slipway::verify
