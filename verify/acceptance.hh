// Which signatures count: the rules of docs/verification.md, "When a signature counts", as a pure
// function over what the engine found.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.hh"
#include "verify/key_scope.hh"
#include "verify/signature.hh"

namespace slipway::verify {

/// What a signature file or clearsigned document comes to.
struct Acceptance {
    /// The signature that counts; nothing when none does.
    std::optional<Signature> accepted;
    /// When none does: the most telling reason, and its phrase: "bad signature: …".
    VerdictWord word = VerdictWord::BadSignature;
    std::string reason;
    /// A key that we accept has signed something else, or was revoked: nothing further is tried.
    bool final = false;
};

/// By what a signature is weighed.
struct Weights {
    std::chrono::system_clock::time_point now;
    KeyScope scope{}; ///< which keys count at the place
    /// The signed bytes are still to come (SignatureChecker::foresee()): Pending counts, too.
    bool foreseen = false;
};

/// @param file  what holds the signatures, for the phrase: "'SHA256SUMS.gpg'"
Acceptance accept_signatures(const SignatureReport& report, std::string_view file,
                             const Weights& weights);

/// "7D8D… (Ubuntu Cloud Image Builder)": the primary key where it is known.
std::string key_and_owner(const Signature& signature);

} // namespace slipway::verify
