// The verdict over what has come, after one second look at documents that do not fit.

#pragma once

#include <optional>

#include "base/verdict.hh"
#include "stream/algorithm.hh"
#include "transfer/report.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

/// After a mismatch the documents are looked at once more, past caches; when they say something
/// else now that does not fit either, what came is the older and worth fetching again.
/// @param may_restart  whether that would still be done
/// @returns nothing when it is to be fetched again
/// @throws Error  with a verdict
std::optional<Verdict> judge_with_second_look(verify::Judge& judge, verify::Library& library,
                                              const stream::Digests& digests, Report& report,
                                              bool may_restart);

} // namespace slipway::transfer
