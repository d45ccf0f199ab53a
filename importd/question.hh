// What polkit is asked for each kind of job, and the details that a rule can look up: those of the
// peers, and more (docs/daemon.md).

#pragma once

#include <string_view>

#include "importd/authorization.hh"
#include "jobs/service.hh"
#include "transfer/job_record.hh"

namespace slipway::importd {

/// Before a submission of any of the bus names is taken.
Question question_of(const jobs::Submission& submission);
/// … and before a job is canceled, which its owner may.
Question cancel_question_of(const transfer::JobRecord& job, std::string_view action);

} // namespace slipway::importd
