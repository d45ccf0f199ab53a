// What the end of a keeper means for its job: pure.

#pragma once

#include <variant>

#include "base/error.hh"
#include "jobs/keeper.hh"
#include "jobs/stored_job.hh"

namespace slipway::jobs {

/// Nobody wanted it to stop: it is queued again.
struct TakeUpAgain {};

/// @param witnessed  this daemon saw it end; else it was found dead
std::variant<transfer::Ended, TakeUpAgain> judge_end(const StoredJob& job, const KeeperEnd& end,
                                                     bool witnessed);

/// How a job that was interrupted goes on: again, or its end when it cannot be.
std::variant<transfer::Ended, TakeUpAgain> judge_interrupted(const StoredJob& job);

/// The end of a job that was canceled before its keeper was started.
transfer::Ended canceled_in_queue(const StoredJob& job);

/// The end of a job that could not be started.
transfer::Ended failed_end(const Error& error);

/// The state that belongs to an end.
transfer::JobState state_of(const transfer::Ended& end) noexcept;

} // namespace slipway::jobs
