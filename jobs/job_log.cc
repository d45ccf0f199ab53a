// Sentences and fields for the events of jobs.

#include "jobs/job_log.hh"

#include <variant>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

// What every entry about a job carries.
JournalFields fields_of(const transfer::JobRecord& job) {
    JournalFields fields{
        {"SLIPWAY_JOB", std::to_string(job.number)},
        {"SLIPWAY_VERB", job.verb},
        {"SLIPWAY_CLASS", job.image_class},
        {"SLIPWAY_UID", std::to_string(job.uid)},
    };
    if (!job.name.empty()) {
        fields.emplace_back("SLIPWAY_NAME", job.name);
    }
    if (!job.source.empty()) {
        fields.emplace_back("SLIPWAY_SOURCE", job.source);
    }
    return fields;
}

// "job 7 (pull-tar 'web')"
std::string title(const transfer::JobRecord& job) {
    return job.name.empty() ? fmt::format("job {} ({})", job.number, job.verb)
                            : fmt::format("job {} ({} {})", job.number, job.verb, quoted(job.name));
}

Priority priority_of(transfer::LogLevel level) {
    switch (level) {
    case transfer::LogLevel::Debug:
        return Priority::Debug;
    case transfer::LogLevel::Info:
        return Priority::Info;
    case transfer::LogLevel::Notice:
        return Priority::Notice;
    case transfer::LogLevel::Warning:
        return Priority::Warning;
    }
    return Priority::Warning;
}

} // namespace

void JobLog::queued(const transfer::JobRecord& job) {
    const std::string source = job.source.empty() ? "" : " from " + quoted(job.source);
    if (job.state == transfer::JobState::Running) {
        journal_.write(Priority::Info, fmt::format("{}: still runs{}", title(job), source),
                       fields_of(job));
        return;
    }
    journal_.write(Priority::Info,
                   fmt::format("{}: queued{} for user {}", title(job), source, job.uid),
                   fields_of(job));
}

void JobLog::event(const transfer::JobRecord& job, const transfer::Event& event, std::string_view) {
    const auto say = [&](Priority priority, const std::string& what, JournalFields more = {}) {
        JournalFields fields = fields_of(job);
        fields.insert(fields.end(), more.begin(), more.end());
        journal_.write(priority, fmt::format("{}: {}", title(job), what), fields);
    };
    if (std::holds_alternative<transfer::Started>(event)) {
        say(Priority::Info,
            job.attempts > 1 ? fmt::format("started, for the {}. time", job.attempts) : "started");
    } else if (const auto* stage = std::get_if<transfer::StageEntered>(&event)) {
        say(Priority::Debug, "stage " + stage->stage);
    } else if (const auto* line = std::get_if<transfer::LogLine>(&event)) {
        say(priority_of(line->level), line->text);
    } else if (const auto* verdict = std::get_if<transfer::VerdictReached>(&event)) {
        say(Priority::Info, fmt::format("verdict {}: {}", verdict->word, verdict->text),
            {{"SLIPWAY_VERDICT", verdict->word},
             {"SLIPWAY_KEY", verdict->key},
             {"SLIPWAY_DIGEST", verdict->digest}});
    }
}

void JobLog::ended(const transfer::JobRecord& job) {
    JournalFields fields = fields_of(job);
    fields.emplace_back("SLIPWAY_RESULT", transfer::word(job.state));
    const transfer::Ended end = job.end.value_or(transfer::Ended{});
    const std::string text = end.text.empty() ? "" : ": " + end.text;
    if (job.state == transfer::JobState::Done) {
        fields.emplace_back("MESSAGE_ID", kJobDoneId);
        fields.emplace_back("SLIPWAY_PATH", end.path);
        journal_.write(Priority::Info, fmt::format("{}: done{}", title(job), text), fields);
    } else if (job.state == transfer::JobState::Canceled) {
        fields.emplace_back("MESSAGE_ID", kJobCanceledId);
        journal_.write(Priority::Info, fmt::format("{}: canceled{}", title(job), text), fields);
    } else {
        fields.emplace_back("MESSAGE_ID", kJobFailedId);
        fields.emplace_back("SLIPWAY_KIND", end.kind);
        journal_.write(Priority::Warning, fmt::format("{}: failed{}", title(job), text), fields);
    }
}

} // namespace slipway::jobs
