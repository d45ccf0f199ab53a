// What the daemon says of its jobs: the keeper's events, and two of its own (docs/protocol.md §6).

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "transfer/event.hh"
#include "transfer/job_record.hh"

namespace slipway::cli {

/// Promised, and not yet begun.
struct Enqueued {
    transfer::JobRecord job;
};

/// Everything died; the job waits for its turn again.
struct Interrupted {
    std::string text;
};

using JobEvent = std::variant<transfer::Event, Enqueued, Interrupted>;

/// Nothing for an event that a later daemon knows and we do not.
std::optional<JobEvent> parse_job_event(std::string_view json);

/// Without the newline.
std::string to_json(const Interrupted& interrupted);

/// Makes the record what it is after the event.
void apply(const JobEvent& event, transfer::JobRecord& job);

/// What to call the image of a job in a sentence: its name, else what was asked for.
const std::string& image_of(const transfer::JobRecord& job) noexcept;

} // namespace slipway::cli
