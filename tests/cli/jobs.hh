// Jobs of the daemon's, as tests begin with them.

#pragma once

#include <cstdint>
#include <string>

#include "transfer/job_record.hh"

namespace slipway::tests {

/// A pull that runs.
inline transfer::JobRecord running_job(std::uint32_t number, const std::string& name = "web") {
    transfer::JobRecord job;
    job.number = number;
    job.state = transfer::JobState::Running;
    job.verb = "pull-tar";
    job.image_class = "machine";
    job.name = name;
    job.source = "http://h/web.tar.xz";
    job.verify = "signature";
    job.queued_ms = 1'790'000'000'000;
    job.started_ms = 1'790'000'000'100;
    job.attempts = 1;
    return job;
}

/// The same, waiting for its turn.
inline transfer::JobRecord queued_job(std::uint32_t number, const std::string& name = "web") {
    transfer::JobRecord job = running_job(number, name);
    job.state = transfer::JobState::Queued;
    job.started_ms = 0;
    job.attempts = 0;
    return job;
}

/// One that failed with this error, or was done when there is none.
inline transfer::JobRecord ended_job(std::uint32_t number, const std::string& error = "") {
    transfer::JobRecord job = running_job(number);
    job.state = error.empty() ? transfer::JobState::Done : transfer::JobState::Failed;
    job.ended_ms = 1'790'000'012'600;
    job.end.emplace();
    job.end->outcome = error.empty() ? transfer::Outcome::Done : transfer::Outcome::Failed;
    job.end->status = error.empty() ? 0 : 11;
    job.end->text = error.empty() ? "stored '/pool/web' as a directory" : error;
    job.end->name = "web";
    return job;
}

} // namespace slipway::tests
