// The public keys that a check has: those of all key files, of either kind. Pure; run in
// slipway-check.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "check/key_rings.hh"
#include "check/minisign.hh"

namespace slipway::check {

/// A key, and the names of the files that hold it, in their order.
struct HeldMinisignKey {
    MinisignKey key;
    std::vector<std::string> files;
};

/// As it came.
struct KeyFile {
    std::string name; ///< for messages
    std::string content;
    std::string problem; ///< not empty: it could not be read at all
};

class HeldKeys {
public:
    /// Adds a key file, whatever its name ends in. Returns what is wrong with it, as
    /// KeyRings::add().
    std::string add(std::string_view content, const std::string& name);

    std::size_t size() const noexcept { return rings_.keys() + minisign_.size(); }
    const KeyRings& openpgp() const noexcept { return rings_; }
    const std::vector<HeldMinisignKey>& minisign() const noexcept { return minisign_; }

private:
    KeyRings rings_;
    std::vector<HeldMinisignKey> minisign_;
};

/// What is wrong with files goes into `warnings`, at most so much as fits a message.
HeldKeys read_key_files(const std::vector<KeyFile>& files, std::vector<std::string>& warnings);

} // namespace slipway::check
