// The verdict over what has come, after one second look at documents that do not fit.

#pragma once

#include <optional>

#include "base/verdict.hh"
#include "stream/algorithm.hh"
#include "transfer/report.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

/// What is known of the bytes that have come.
struct Arrived {
    const stream::Digests& digests;
    /// What the check of Judge::image_signature() said; null when there was none.
    const verify::SignatureReport* over_image = nullptr;
};

/// After a refusal the documents are looked at once more, past caches; when they say something
/// else now that does not fit either, what came is the older and worth fetching again.
/// @param may_restart  whether that would still be done
/// @returns nothing when it is to be fetched again
/// @throws Error  with a verdict
std::optional<Verdict> judge_with_second_look(verify::Judge& judge, verify::Library& library,
                                              const Arrived& arrived, Report& report,
                                              bool may_restart);

} // namespace slipway::transfer
