// A job as the queue keeps it: what is shown of it, and what is needed to start it again.

#pragma once

#include <string>
#include <string_view>

#include "transfer/job_record.hh"

namespace slipway::jobs {

struct StoredJob {
    transfer::JobRecord record;
    std::string request;        ///< JSON of protocol.md §1, secrets included; empty once it ended
    bool has_input = false;     ///< it has a descriptor, which does not outlive its keeper
    bool cancel_wanted = false; ///< recorded before the keeper is told
};

/// One line, secrets included.
std::string to_json(const StoredJob& job);
/// @throws Error Internal
StoredJob parse_stored_job(std::string_view json);

} // namespace slipway::jobs
