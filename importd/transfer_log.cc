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
                return entered(job, what.stage);
            } else if constexpr (std::is_same_v<What, transfer::Progress>) {
                return progressed(job, what, now);
            } else if constexpr (std::is_same_v<What, transfer::LogLine>) {
                return {{priority_of(what.level), what.text}};
            } else if constexpr (std::is_same_v<What, transfer::VerdictReached>) {
                return {{kInfo, what.text}};
            } else {
                return ended(job, what);
            }
        },
        event);
}

// A job that was interrupted starts anew.
std::vector<LogMessage> TransferLog::started(const JobRecord& job) {
    *this = {};
    return {{kInfo, fmt::format("{} {}, saving as {}.", is_pull(job) ? "Pulling" : "Importing",
                                quoted(job.source), quoted(job.name))}};
}

std::vector<LogMessage> TransferLog::entered(const JobRecord& job, const std::string& stage) {
    Lines lines;
    if (stage_ == "download" && is_pull(job)) {
        lines.push_back({kInfo, fmt::format("Acquired {}.", format_size(acquired_))});
        lines.push_back({kInfo, fmt::format("Download of {} complete.", escaped(job.source))});
    }
    stage_ = stage;
    sized_ = false;
    acquired_ = 0;
    percent_ = 0;
    said_.reset();
    return lines;
}

std::vector<LogMessage> TransferLog::progressed(const JobRecord& job,
                                                const transfer::Progress& progress, Time now) {
    Lines lines;
    const bool downloads = progress.stage == "download";
    if (downloads) {
        acquired_ = progress.done_bytes;
        if (!sized_ && progress.total_bytes > 0) {
            sized_ = true;
            lines.push_back(
                {kInfo, fmt::format("Downloading {} for {}.", format_size(progress.total_bytes),
                                    escaped(job.source))});
        }
    }
    const unsigned percent = percent_of(progress);
    if (!said_) {
        said_ = now; // the first line comes after a second: a short transfer says nothing
    }
    if (percent <= percent_ || now - *said_ < kApart) {
        return lines;
    }
    said_ = now;
    percent_ = percent;
    if (downloads) {
        lines.push_back({kInfo, got(job, progress, percent)});
    } else if (!is_pull(job)) {
        lines.push_back({kInfo, fmt::format("Imported {}%.", percent)});
    }
    return lines;
}

} // namespace slipway::importd
