// One overload for each event.

#include "cli/job_text.hh"

#include <variant>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/live_line.hh"

namespace slipway::cli {
namespace {

using transfer::LogLevel;

bool is_removal(const transfer::Started& job) {
    return job.verb == "remove";
}

bool is_verification(const transfer::Started& job) {
    return job.verb == "verify";
}

// Whether it is an image from elsewhere that arrives.
bool is_arrival(const transfer::Started& job) {
    return job.verb.starts_with("pull-") || job.verb.starts_with("import-");
}

bool is_pull(const transfer::Started& job) {
    return job.verb.starts_with("pull-");
}

std::string_view done_word(const transfer::Started& job) {
    return job.verb == "clone"               ? "Copied"
           : job.verb.starts_with("export-") ? "Exported"
                                             : "Imported";
}

struct Words {
    const transfer::Started& job;

    std::vector<Sentence> operator()(const transfer::Started& start) const {
        if (!is_arrival(start) && !is_verification(start)) {
            return {};
        }
        const std::string_view doing = is_pull(start) ? "Pulling" : "Importing";
        const std::string source =
            start.source == "-" ? "standard input" : fmt::format("'{}'", relayed(start.source));
        if (is_verification(start)) {
            return {{LogLevel::Info, fmt::format("Verifying {}.", source)}};
        }
        return {{LogLevel::Info,
                 fmt::format("{} {}, saving as {}.", doing, source, quoted(start.name))}};
    }
    std::vector<Sentence> operator()(const transfer::LogLine& line) const {
        return {{line.level, relayed(line.text)}};
    }
    std::vector<Sentence> operator()(const transfer::ProofSeen& proof) const {
        const std::string said =
            proof.text.empty() ? fmt::format("answered {}", proof.status) : relayed(proof.text);
        return {{LogLevel::Debug, fmt::format("{}: {}", quoted(proof.name), said)}};
    }
    std::vector<Sentence> operator()(const transfer::VerdictReached& verdict) const {
        if (is_verification(job)) { // it is the result
            return {};
        }
        return {{LogLevel::Info, relayed(verdict.text)}};
    }
    std::vector<Sentence> operator()(const transfer::Ended& end) const {
        if (end.outcome != transfer::Outcome::Done || is_removal(job) || is_verification(job)) {
            return {};
        }
        const bool is_rehearsal = is_pull(job) && end.path.empty();
        if (is_rehearsal || !is_arrival(job)) {
            return {{LogLevel::Info, relayed(end.text) + "."}};
        }
        std::vector<Sentence> said;
        if (job.verb == "import-fs") { // a snapshot, shared blocks or a copy
            said.push_back({LogLevel::Info, relayed(end.text) + "."});
        }
        said.push_back(
            {LogLevel::Info, fmt::format("Created new local image {}.", quoted(end.name))});
        said.push_back({LogLevel::Info, "Operation completed successfully."});
        return said;
    }
    std::vector<Sentence> operator()(const transfer::Cleaned& cleaned) const {
        const std::string freed =
            cleaned.freed_bytes
                ? fmt::format(" Freed exclusive disk space: {}", format_size(*cleaned.freed_bytes))
                : "";
        return {{LogLevel::Info, fmt::format("Removed image {}.{}", quoted(cleaned.name), freed)}};
    }
    std::vector<Sentence> operator()(const transfer::Inspected&) const { return {}; }
    std::vector<Sentence> operator()(const transfer::DiskInspected&) const { return {}; }
    std::vector<Sentence> operator()(const transfer::StageEntered&) const { return {}; }
    std::vector<Sentence> operator()(const transfer::Progress&) const { return {}; }
};

} // namespace

std::vector<Sentence> sentences(const transfer::Event& event, const transfer::Started& job) {
    return std::visit(Words{job}, event);
}

Sentence sentence(const Interrupted& interrupted) {
    return {LogLevel::Warning, fmt::format("{}; queued again", relayed(interrupted.text))};
}

std::string progress_sentence(const transfer::Progress& progress, const transfer::Started& job) {
    const std::string share = percent(progress);
    const std::string amount = share.empty() ? format_size(progress.done_bytes) : share;
    const std::string what = is_pull(job) || is_verification(job)
                                 ? fmt::format("Got {} of {}.", amount, escaped(job.source))
                                 : fmt::format("{} {}.", done_word(job), amount);
    const std::string left = time_left(progress);
    if (progress.rate == 0) {
        return what;
    }
    return left.empty()
               ? fmt::format("{} {}/s.", what, format_size(progress.rate))
               : fmt::format("{} {} left at {}/s.", what, left, format_size(progress.rate));
}

} // namespace slipway::cli
