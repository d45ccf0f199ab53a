// Whether a submission can become a job, and what that job is: decided from values alone.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hh"
#include "jobs/config.hh"
#include "jobs/hold.hh"
#include "jobs/service.hh"

namespace slipway::jobs {

/// A new job as it will be carried out.
struct Admitted {
    transfer::JobRecord record; ///< without number and times
    transfer::Request request;  ///< with id, pool, name, and what the configuration adds
};

/// @throws Error InvalidArgument: class, name, URL, or verify mode
Admitted admit(const Submission& submission, const Config& config);

/// @throws Taken  an image is another job's (see find_conflict()), or with one_per_url the URL
/// @throws Error Limit: too many jobs, of the caller or in all
void check_room(const Admitted& wanted, const Submission& submission,
                const std::vector<Holding>& jobs, const Config& config);

} // namespace slipway::jobs
