// Which keys count for what lies at one URL: docs/verification.md, "Which keys count where". A
// value, made by KeyStore::scope().

#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/signature.hh"

namespace slipway::verify {

/// Default: every key counts, none is bound.
class KeyScope {
public:
    /// Fingerprints are those of primary keys, or numbers of minisign keys; files are named as
    /// Signature::rings names them.
    struct Rules {
        /// What reserves the place: names of drop-ins; empty: it is reserved for nobody.
        std::vector<std::string> reserved_by;
        /// Reserved: the keys that count. Of a minisign key with the files that have to hold it
        /// (anybody can give a key this number), of others with none.
        std::map<std::string, std::set<std::string>> counted;
        std::set<std::string> accept_expired; ///< of these, also from before their expiry
        /// Keys that count nowhere but where a drop-in says so, with its name.
        std::map<std::string, std::string> bound;
        /// Key files of drop-ins: what only they hold counts where the drop-in says so.
        std::map<std::string, std::string> bound_files;
        /// Key files of drop-ins that are wrong: what they hold counts nowhere.
        std::map<std::string, std::string> closed_files;
        bool refuse_stale = false; ///< a drop-in of the place says Stale=refuse
    };
    KeyScope() = default;
    explicit KeyScope(Rules rules) : rules_(std::move(rules)) {}

    /// Why the key that made this signature does not count here, as a clause ("'ubuntu.conf' pins
    /// it to another place"); empty when it does. Of a key that no file holds nothing is said.
    std::string objection(const Signature& signature) const;
    /// Whether its signatures from before its expiry count.
    bool accepts_expired(const Signature& signature) const;
    /// A key is pinned to this place: its signature or nothing.
    bool is_reserved() const noexcept { return !rules_.reserved_by.empty(); }
    const Rules& rules() const noexcept { return rules_; }

private:
    Rules rules_;
};

} // namespace slipway::verify
