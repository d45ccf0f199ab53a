// What a job that is over means for the exit status, and the one line that says why it failed.

#pragma once

#include <optional>
#include <string>

#include "base/child_process.hh"
#include "transfer/event.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// All that is known when the keeper is gone.
struct JobEnd {
    transfer::Verb verb = transfer::Verb::PullTar;
    std::string name;                     ///< of the image
    std::optional<transfer::Ended> ended; ///< its last event
    std::string broken;                   ///< why its events could not be read further
    ChildExit keeper;
    std::string keeper_stderr;
    int signal = 0; ///< the one that asked us to stop; 0: none
};

struct JobStatus {
    int status = 0;
    std::string error; ///< without "slipway: "; empty when there is nothing to say
    friend bool operator==(const JobStatus&, const JobStatus&) = default;
};

/// 0 only if the job is done; else the status of base/outcome.def, or 128 + the signal's number.
JobStatus job_status(const JobEnd& end);

} // namespace slipway::cli
