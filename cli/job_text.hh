// What a job's events are in words; the wording is that of machinectl's own transfers.

#pragma once

#include <string>
#include <vector>

#include "cli/job_event.hh"
#include "transfer/event.hh"

namespace slipway::cli {

struct Sentence {
    transfer::LogLevel level = transfer::LogLevel::Info;
    std::string text;
    friend bool operator==(const Sentence&, const Sentence&) = default;
};

/// What a person is told at once of an event; nothing for progress and stages, and nothing for an
/// end that is not success (see cli/job_status.hh).
/// @param job  the job's first event
std::vector<Sentence> sentences(const transfer::Event& event, const transfer::Started& job);

Sentence sentence(const Interrupted& interrupted);

/// "Got 3% of URL. 2min 11s left at 3.3M/s."
std::string progress_sentence(const transfer::Progress& progress, const transfer::Started& job);

} // namespace slipway::cli
