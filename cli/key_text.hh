// What the verbs of keys print: lists, and the card of a key that somebody is to compare.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verify/key_list.hh"
#include "verify/key_store.hh"

namespace slipway::cli {

/// Where a key counts.
struct KeyReach {
    bool everywhere = false;         ///< but where it is reserved for others
    std::vector<std::string> places; ///< URLs; with neither: nowhere
};
KeyReach reach_of(const verify::ListedKey& key, const verify::KeyStore& store);

/// The table with its foot, "3 keys listed."; with `legend` unset the rows alone.
std::string key_list(const verify::KeyList& list, const verify::KeyStore& store, bool legend,
                     bool terminal);
/// An array of objects with fingerprint, kind, owners, algorithm, created, expires, signs_until
/// (microseconds since 1970, or null), revoked, weak, pinned_to (an array of URLs, or null for a
/// key that counts everywhere) and files.
std::string key_list_json(const verify::KeyList& list, const verify::KeyStore& store, bool pretty);

/// Fingerprint, owners, algorithm and dates, one a line, for whoever compares them.
std::string key_card(const verify::ListedKey& key);

/// "2026-11-25", of UTC as all dates of keys.
std::string key_date(std::int64_t seconds);

} // namespace slipway::cli
