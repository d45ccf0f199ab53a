// Whether a submission can become a job, and what that job is: decided from values alone.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hh"
#include "jobs/config.hh"
#include "jobs/service.hh"

namespace slipway::jobs {

/// A new job as it will be carried out.
struct Admitted {
    transfer::JobRecord record; ///< without number and times
    transfer::Request request;  ///< with id, pool, name, and what the configuration adds
};

/// @throws Error InvalidArgument: class, name, URL, or verify mode
Admitted admit(const Submission& submission, const Config& config);

/// What is looked at of the jobs that are there.
struct Holding {
    std::uint32_t number = 0;
    std::uint32_t uid = 0;
    std::string pool;
    std::string name;
    std::string verb;
    std::string url; ///< of a pull, as given
};

/// A submission that stands behind another job.
class Taken : public Error {
public:
    Taken(std::uint32_t holder, const std::string& text)
        : Error(Kind::Exists, "{}", text), holder_(holder) {}
    std::uint32_t holder() const noexcept { return holder_; }

private:
    std::uint32_t holder_;
};

/// @throws Taken  the name, or with one_per_url the URL, is another job's
/// @throws Error Limit: too many jobs, of the caller or in all
void check_room(const Admitted& wanted, const Submission& submission,
                const std::vector<Holding>& jobs, const Config& config);

} // namespace slipway::jobs
