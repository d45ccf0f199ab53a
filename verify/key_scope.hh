// Which keys count for what lies at one URL: docs/verification.md, "Which keys count where". A
// value, made by KeyStore::scope().

#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/signature.hh"

namespace slipway::verify {

/// Default: every key counts, none is bound.
class KeyScope {
public:
    struct Rules {
        /// Names of the drop-ins whose prefix covers the place; empty: it is reserved for nobody.
        std::vector<std::string> reserved_by;
        std::set<std::string> fingerprints;    ///< reserved: the primary keys that count
        std::set<std::string> accept_expired;  ///< of these, also from before their expiry
        std::set<std::string> bound_elsewhere; ///< not reserved: primary keys that do not count
        std::set<std::string> bound_files;     ///< key files whose keys count nowhere else
        bool refuse_stale = false;             ///< a drop-in of the place says Stale=refuse
    };
    KeyScope() = default;
    explicit KeyScope(Rules rules) : rules_(std::move(rules)) {}

    /// Why the key that made this signature does not count here, as a clause ("it is pinned to
    /// another place"); empty when it does. Of a key that no file holds nothing is said.
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
