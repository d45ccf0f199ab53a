// All key rings as one: binary or armored, several blocks, concatenated, in GnuPG's old format or
// its keybox. Pure; run in slipway-check.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "check/openpgp_packets.hh"

namespace slipway::check {

/// A key with its names, subkeys and the signatures that bind them.
struct Certificate {
    /// A packet's body and those of the signatures that follow it. Headers are written anew: tools
    /// write them differently.
    struct Component {
        PacketTag tag{};
        std::string body;
        std::vector<std::string> signatures;
    };
    Component primary;
    std::vector<Component> names; ///< user ids and attributes
    std::vector<Component> subkeys;
    std::vector<std::string> files; ///< names of the rings that hold it
};

/// One key ring made of many. Two copies of a key become one that knows what both knew, so that
/// a revocation in one ring holds whatever the order of the rings.
class KeyRings {
public:
    /// Adds a ring. It is taken as a whole or, when it is damaged, not at all.
    /// Returns what is wrong with it, or what was left out; empty when nothing is: "it is empty",
    /// "it is damaged at byte 17".
    /// @param name  of the ring, for Certificate::files
    std::string add(std::string_view content, const std::string& name = {});

    /// How many keys there are.
    std::size_t keys() const noexcept { return certificates_.size(); }
    /// Whether a key names this user id, or has it as its mail address.
    bool names(std::string_view user_id) const;
    const std::vector<Certificate>& certificates() const noexcept { return certificates_; }
    /// A binary ring that the engine can read.
    std::string bytes() const;

private:
    void add(Certificate&& certificate, const std::string& name);

    std::vector<Certificate> certificates_;
    std::unordered_map<std::string, std::size_t> index_; ///< by the primary key's body
};

} // namespace slipway::check
