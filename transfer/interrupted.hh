// A job that is carried out again, since nobody saw its end: power failed, or everything was
// killed.

#pragma once

#include <optional>

#include "transfer/job.hh"

namespace slipway::transfer {

/// The end of a pull or clone whose image an earlier attempt of the same job has stored: its name
/// is there, and beside it this job's id, which nobody else can know. Nothing when that is not so.
std::optional<Ended> find_earlier_end(const Request& request);

} // namespace slipway::transfer
