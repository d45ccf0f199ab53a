// What a change that is carried out again, since nobody saw its end, may find done: a rename and a
// removal take away the very thing that they look for.

#pragma once

#include <optional>

#include "transfer/job.hh"

namespace slipway::transfer {

/// The end of a rename or removal that an earlier attempt of the same job has carried out; nothing
/// of other verbs, of a first attempt, and where there is something left to do. What was begun in
/// the searched directories is first brought to its end.
/// @throws Error  a directory cannot be read
std::optional<Ended> find_earlier_change(const Request& request);

} // namespace slipway::transfer
