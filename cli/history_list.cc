// Every text in here came from elsewhere once: it is escaped, or relayed where a program of ours
// composed it.

#include "cli/history_list.hh"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <pwd.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "cli/image_list.hh"
#include "cli/job_event.hh"
#include "cli/text_table.hh"

namespace slipway::cli {
namespace {

using transfer::JobRecord;

constexpr int kIndent = 4;

std::string entry(const std::string& text) {
    return text.empty() ? "-" : escaped(text);
}

std::string time_of(std::int64_t milliseconds) {
    return milliseconds == 0 ? "-" : format_time(milliseconds * 1000);
}

// The word of the verdict that was reached, else of the refusal.
std::string verdict_of(const JobRecord& job) {
    if (job.end && !job.end->verdict.empty()) {
        return job.end->verdict;
    }
    return job.verdict ? job.verdict->word : "";
}

Row row_of(const JobRecord& job, const UserNames& users) {
    return {std::to_string(job.number),
            time_of(job.ended_ms),
            entry(job.verb),
            entry(image_of(job)),
            std::string(word(job.state)),
            entry(verdict_of(job)),
            escaped(users(job.uid)),
            entry(job.source)};
}

// What went wrong with the image, as something to put below its row.
std::string error_line(const JobRecord& job) {
    const bool failed = job.state == transfer::JobState::Failed && job.end;
    return failed && !job.end->text.empty() ? "    " + relayed(job.end->text) + "\n" : "";
}

// The rows' lines with each error below its row.
std::string with_errors(const std::string& table, const std::vector<JobRecord>& jobs) {
    std::size_t start = table.find('\n') + 1; // behind the head
    std::string out = table.substr(0, start);
    for (const JobRecord& job : jobs) {
        const std::size_t end = table.find('\n', start) + 1;
        out += table.substr(start, end - start) + error_line(job);
        start = end;
    }
    return out;
}

std::string took(const JobRecord& job) {
    return job.started_ms == 0 || job.ended_ms < job.started_ms
               ? ""
               : fmt::format("{:.1f} s", static_cast<double>(job.ended_ms - job.started_ms) / 1e3);
}

std::string digest_of(const JobRecord& job) {
    if (job.end && !job.end->digest.empty()) {
        return job.end->digest;
    }
    return job.verdict ? job.verdict->digest : "";
}

} // namespace

std::string history_list(const std::vector<JobRecord>& jobs, const UserNames& users, bool legend,
                         bool terminal) {
    if (jobs.empty()) {
        return legend ? "No transfers.\n" : "";
    }
    std::vector<Row> rows;
    for (const JobRecord& job : jobs) {
        rows.push_back(row_of(job, users));
    }
    const std::string table =
        text_table({"ID", "ENDED", "TYPE", "LOCAL", "OUTCOME", "VERDICT", "USER", "REMOTE"}, rows,
                   {legend, terminal});
    return legend ? fmt::format("{}\n{} transfers listed.\n", with_errors(table, jobs), jobs.size())
                  : table;
}

std::string history_entry(const JobRecord& job, const UserNames& users) {
    const bool failed = job.state == transfer::JobState::Failed;
    const transfer::Ended end = job.end.value_or(transfer::Ended{});
    const transfer::VerdictReached verdict = job.verdict.value_or(transfer::VerdictReached{});
    std::string siblings;
    for (const std::string& name : end.siblings) {
        siblings += (siblings.empty() ? "" : ", ") + escaped(name);
    }
    const std::array<std::pair<std::string_view, std::string>, 19> lines{{
        {"ID", std::to_string(job.number)},
        {"Type", escaped(job.verb)},
        {"Class", escaped(job.image_class)},
        {"Local", escaped(image_of(job))},
        {"Remote", escaped(job.source)},
        {"Outcome", std::string(word(job.state))},
        {failed ? "Error" : "Result", relayed(end.text)},
        {"Status", std::to_string(end.status)},
        {"Path", escaped(end.path)},
        {"Siblings", siblings},
        {"Verify", escaped(job.verify)},
        {"Verdict", verdict.text.empty() ? escaped(verdict_of(job)) : relayed(verdict.text)},
        {"Key", escaped(verdict.key)},
        {"Digest", escaped(digest_of(job))},
        {"User", fmt::format("{} ({})", escaped(users(job.uid)), job.uid)},
        {"Queued", time_of(job.queued_ms)},
        {"Started", time_of(job.started_ms)},
        {"Ended", time_of(job.ended_ms)},
        {"Attempts", fmt::format("{}{}", job.attempts, took(job).empty() ? "" : ", " + took(job))},
    }};
    std::string out;
    for (const auto& [name, value] : lines) {
        out += value.empty() ? "" : fmt::format("{:>8}: {}\n", name, value);
    }
    return out;
}

std::string jobs_json(const std::vector<JobRecord>& jobs, bool pretty) {
    return nlohmann::json::parse(to_json(jobs)).dump(pretty ? kIndent : -1) + "\n";
}

std::string job_json(const JobRecord& job, bool pretty) {
    return nlohmann::json::parse(to_json(job)).dump(pretty ? kIndent : -1) + "\n";
}

std::string user_name(std::uint32_t uid) {
    constexpr std::size_t kRoom = 16384; // sysconf(_SC_GETPW_R_SIZE_MAX) is a hint of the same sort
    std::vector<char> room(kRoom);
    passwd entry{};
    passwd* found = nullptr;
    return ::getpwuid_r(uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr
               ? std::string(found->pw_name)
               : std::to_string(uid);
}

} // namespace slipway::cli
