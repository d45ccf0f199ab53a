// Words: systemd's pull-job.c, import-tar.c and curl-util.c as machinectl 252 prints them.

#include "importd/transfer_log.hh"

#include <algorithm>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::importd {
namespace {

using transfer::JobRecord;
using Lines = std::vector<LogMessage>;

constexpr std::chrono::seconds kApart{1};

std::uint32_t priority_of(transfer::LogLevel level) {
    switch (level) {
    case transfer::LogLevel::Debug:
        return kDebug;
    case transfer::LogLevel::Info:
        return kInfo;
    case transfer::LogLevel::Notice:
        return kNotice;
    case transfer::LogLevel::Warning:
        break;
    }
    return kWarning;
}

bool is_pull(const JobRecord& job) {
    return job.verb.starts_with("pull-");
}

bool is_export(const JobRecord& job) {
    return job.verb.starts_with("export-");
}

unsigned percent_of(const transfer::Progress& progress) {
    if (progress.total_bytes == 0) {
        return 0;
    }
    const double part =
        static_cast<double>(progress.done_bytes) / static_cast<double>(progress.total_bytes);
    return static_cast<unsigned>(std::min(part, 1.0) * 100.0);
}

std::string got(const JobRecord& job, const transfer::Progress& progress, unsigned percent) {
    std::string line = fmt::format("Got {}% of {}.", percent, escaped(job.source));
    if (progress.rate > 0 && progress.total_bytes > progress.done_bytes) {
        const std::chrono::seconds left((progress.total_bytes - progress.done_bytes) /
                                        progress.rate);
        line += fmt::format(" {} left at {}/s.", format_duration(left), format_size(progress.rate));
    }
    return line;
}

// Nobody expects an import to be verified.
Lines judged(const JobRecord& job, const transfer::VerdictReached& verdict) {
    if (!is_pull(job) && verdict.word == word(VerdictWord::Unchecked)) {
        return {};
    }
    return {{kInfo, verdict.text}};
}

Lines ended(const JobRecord& job, const transfer::Ended& end) {
    Lines lines;
    switch (end.outcome) {
    case transfer::Outcome::Canceled:
        lines.push_back({kNotice, "Transfer aborted."});
        break;
    case transfer::Outcome::Failed:
        lines.push_back({kError, end.text});
        break;
    case transfer::Outcome::Done:
        if (is_pull(job)) {
            lines.push_back({kInfo, fmt::format("Created new local image {}.", quoted(end.name))});
        }
        for (const std::string& name : end.siblings) {
            lines.push_back(
                {kInfo,
                 fmt::format("Created new {} {}.",
                             name.ends_with(".nspawn") ? "settings file" : "file", quoted(name))});
        }
        lines.push_back({kInfo, end.text});
        lines.push_back({kInfo, "Operation completed successfully."});
        break;
    }
    lines.push_back({kInfo, "Exiting."});
    return lines;
}

} // namespace

std::vector<LogMessage> TransferLog::lines(const JobRecord& job, const transfer::Event& event,
                                           Time now) {
    return std::visit(
        [&](const auto& what) -> Lines {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, transfer::Started>) {
                return started(job);
            } else if constexpr (std::is_same_v<What, transfer::StageEntered>) {
                return {}; // the lines of a stage come with its amounts
            } else if constexpr (std::is_same_v<What, transfer::ProofSeen> ||
                                 std::is_same_v<What, transfer::Inspected> ||
                                 std::is_same_v<What, transfer::DiskInspected>) {
                return {}; // silent where all is well; what is not is said by the end
            } else if constexpr (std::is_same_v<What, transfer::Cleaned>) {
                return {{kInfo, fmt::format("Removed image {}.", quoted(what.name))}};
            } else if constexpr (std::is_same_v<What, transfer::Progress>) {
                return progressed(job, what, now);
            } else if constexpr (std::is_same_v<What, transfer::LogLine>) {
                return {{priority_of(what.level), what.text}};
            } else if constexpr (std::is_same_v<What, transfer::VerdictReached>) {
                return judged(job, what);
            } else {
                return ended(job, what);
            }
        },
        event);
}

// A job that was interrupted starts anew.
std::vector<LogMessage> TransferLog::started(const JobRecord& job) {
    *this = {};
    if (is_export(job)) {
        return {{kInfo, fmt::format("Exporting {}.", quoted(job.name))}};
    }
    return {{kInfo, fmt::format("{} {}, saving as {}.", is_pull(job) ? "Pulling" : "Importing",
                                quoted(job.source), quoted(job.name))}};
}

std::vector<LogMessage> TransferLog::progressed(const JobRecord& job,
                                                const transfer::Progress& progress, Time now) {
    Lines lines;
    const bool downloads = progress.stage == "download";
    if (is_pull(job) && (downloads || progress.stage == "unpack")) {
        lines = arriving(job, progress);
    }
    const unsigned percent = percent_of(progress);
    if ((is_pull(job) && !downloads) || progress.total_bytes == 0 || percent_ == percent ||
        (said_ && now - *said_ < kApart)) {
        return lines;
    }
    said_ = now;
    percent_ = percent;
    lines.push_back(
        {kInfo, is_pull(job)
                    ? got(job, progress, percent)
                    : fmt::format("{} {}%.", is_export(job) ? "Exported" : "Imported", percent)});
    return lines;
}

// Everything has come when the stage is "unpack" (docs/protocol.md §1).
std::vector<LogMessage> TransferLog::arriving(const JobRecord& job,
                                              const transfer::Progress& progress) {
    Lines lines;
    const std::string url = escaped(job.source);
    if (!sized_ && progress.total_bytes > 0) {
        sized_ = true;
        lines.push_back(
            {kInfo, fmt::format("Downloading {} for {}.", format_size(progress.total_bytes), url)});
    }
    if (!arrived_ && progress.stage == "unpack") {
        arrived_ = true;
        lines.push_back({kInfo, fmt::format("Acquired {}.", format_size(progress.done_bytes))});
        lines.push_back({kInfo, fmt::format("Download of {} complete.", url)});
    }
    return lines;
}

} // namespace slipway::importd
