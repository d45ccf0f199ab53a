// A job as the daemon keeps, lists and remembers it (docs/protocol.md §6).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transfer/event.hh"

namespace slipway::transfer {

/// queued → running → done | failed | canceled; a job that was interrupted is queued again.
enum class JobState { Queued, Running, Done, Failed, Canceled };

/// "queued", "running", "done", "failed", "canceled".
std::string_view word(JobState state) noexcept;
bool has_ended(JobState state) noexcept;

/// Times are milliseconds since 1970; 0: not yet.
struct JobRecord {
    std::uint32_t number = 0; ///< the transfer's, as machinectl shows it; from 1
    JobState state = JobState::Queued;
    std::string verb{};        ///< "pull-tar" …
    std::string image_class{}; ///< "machine", "portable", "sysext", "confext"
    std::string local{};       ///< the name as it was given; may be empty
    std::string name{};        ///< the image's, settled; reserved while the job lives
    std::string source{};      ///< masked URL, or what the caller called its descriptor
    std::string verify{};
    std::uint32_t uid = 0; ///< who asked
    std::int64_t queued_ms = 0;
    std::int64_t started_ms = 0;
    std::int64_t ended_ms = 0;
    unsigned attempts = 0;              ///< how often it was started
    std::string stage{};                ///< of a running job, as in its events
    std::optional<Progress> progress{}; ///< of a running job
    std::optional<VerdictReached> verdict{};
    std::optional<Ended> end{}; ///< of an ended job
};

/// How far it has come, from 0 to 1; nothing when that is not known. Of packed bytes while they
/// come; what follows them is 1.
std::optional<double> fraction(const JobRecord& job) noexcept;

std::string to_json(const JobRecord& job);
/// @throws Error Internal: not what the protocol says
JobRecord parse_job_record(std::string_view json);

/// A list, as ListJobs and History answer.
std::string to_json(const std::vector<JobRecord>& jobs);
/// @throws Error Internal
std::vector<JobRecord> parse_job_records(std::string_view json);

} // namespace slipway::transfer
