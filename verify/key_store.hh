// The keys that an administrator keeps: key files and the drop-ins that bind their keys to places
// (docs/verification.md, "Keys").

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/url.hh"
#include "verify/key_drop_in.hh"
#include "verify/key_scope.hh"

namespace slipway::verify {

struct KeyStore {
    std::vector<std::filesystem::path> files; ///< key files, for SignatureChecker; existing or not
    std::vector<KeyBinding> bindings;
    std::vector<std::filesystem::path> unreadable; ///< directories: then no key counts anywhere
    std::vector<std::string> warnings;             ///< drop-ins that are wrong, and where

    /// Of drop-ins that cover the image the longest prefix rules; equal ones add up.
    KeyScope scope(const Url& image) const;
    /// The rules of what no drop-in covers.
    KeyScope scope_elsewhere() const;
};

/// Never throws Error: what cannot be read or is wrong is a warning, and counts for nothing.
/// @param root  in the place of "/"
KeyStore load_key_store(const std::filesystem::path& root = "/");
/// Key files that were named on a command line: none is bound.
KeyStore key_store_of(std::vector<std::filesystem::path> files);

} // namespace slipway::verify
