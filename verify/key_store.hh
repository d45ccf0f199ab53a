// The keys that an administrator keeps: key files and the drop-ins that bind their keys to places
// (docs/verification.md, "Keys").

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/url.hh"
#include "verify/key_scope.hh"

namespace slipway::verify {

/// One drop-in NAME.conf.
struct KeyBinding {
    std::string name;           ///< "ubuntu"
    std::filesystem::path conf; ///< where it was read
    std::filesystem::path file; ///< the key file, as File= or the name says, found or not
    std::vector<std::string> fingerprints; ///< upper case, without blanks
    std::vector<std::string> prefixes;     ///< URLs, normalised
    bool accept_expired = false;           ///< Expired=accept-if-signed-before
    bool refuse_stale = false;             ///< Stale=refuse
    /// What is wrong with it; not empty: its keys count nowhere, what it could say of places holds.
    std::string problem;
};

struct KeyStore {
    std::vector<std::filesystem::path> files; ///< key files, for SignatureChecker; existing or not
    std::vector<KeyBinding> bindings;
    std::vector<std::string> warnings; ///< drop-ins that are wrong, and where

    KeyScope scope(const Url& image) const;
};

/// @param root  in the place of "/"
KeyStore load_key_store(const std::filesystem::path& root = "/");
/// Key files that were named on a command line: none is bound.
KeyStore key_store_of(std::vector<std::filesystem::path> files);

} // namespace slipway::verify
