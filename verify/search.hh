// The search for what vouches for an image: documents and their signatures, one after the other,
// until the mode's demand is met. Part of Judge; not for other rooms.

#pragma once

#include "verify/dossier.hh"
#include "verify/judge.hh"
#include "verify/proofs.hh"

namespace slipway::verify {

/// @param mode  Mode::Checksum or Mode::Signature
/// @throws Error unavailable: a proof could not be fetched; engine-failed; Canceled
Evidence search(Library& library, const Inquiry& inquiry, Mode mode, LookAgain look_again);

} // namespace slipway::verify
