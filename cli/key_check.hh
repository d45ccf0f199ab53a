// What is wrong with the keys of a system, or soon will be: for `slipway keys check`. Pure.

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "verify/key_list.hh"
#include "verify/key_store.hh"

namespace slipway::cli {

struct KeyFinding {
    /// "expires", "expired", "revoked", "weak", "unreadable", "wrong-drop-in", "missing-key"
    std::string problem;
    std::string fingerprint; ///< may be empty
    std::string text;        ///< for people
};

/// @param store  its drop-ins and what is wrong with them
/// @param list   what its files hold
std::vector<KeyFinding> check_keys(const verify::KeyStore& store, const verify::KeyList& list,
                                   std::chrono::system_clock::time_point now);

/// One a line.
std::string key_findings(const std::vector<KeyFinding>& findings);
/// An array of objects with problem, fingerprint (or null) and text.
std::string key_findings_json(const std::vector<KeyFinding>& findings, bool pretty);

} // namespace slipway::cli
