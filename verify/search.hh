// The search for what vouches for an image: documents and their signatures, one after the other,
// until the mode's demand is met. Part of Judge; not for other rooms.

#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/url.hh"
#include "verify/findings.hh"
#include "verify/judge.hh"
#include "verify/policy.hh"
#include "verify/proofs.hh"
#include "verify/statements.hh"

namespace slipway::verify {

struct Evidence {
    /// The one that decides is in front; every one has to match.
    std::vector<FoundStatement> statements;
    std::optional<Refusal> refusal; ///< when the mode's demand is not met
};

/// @param mode  Mode::Checksum or Mode::Signature
/// @throws Error unavailable: a proof could not be fetched; engine-failed; Canceled
Evidence search(Library& library, Mode mode, const Url& image,
                std::chrono::system_clock::time_point now, LookAgain look_again);

} // namespace slipway::verify
