// The columns of importctl list-transfers, in its words.

#include "cli/transfer_list.hh"

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "cli/job_event.hh"
#include "cli/text_table.hh"

namespace slipway::cli {
namespace {

using transfer::JobRecord;

constexpr int kIndent = 4;

void sort(std::vector<JobRecord>& jobs) {
    std::sort(jobs.begin(), jobs.end(), [](const JobRecord& a, const JobRecord& b) {
        return std::tie(image_of(a), a.number) < std::tie(image_of(b), b.number);
    });
}

std::optional<unsigned> percent_of(const JobRecord& job) {
    const auto share = transfer::fraction(job);
    return share ? std::optional(static_cast<unsigned>(*share * 100.0)) : std::nullopt;
}

std::string progress_of(const JobRecord& job) {
    if (job.state == transfer::JobState::Queued) {
        return "queued";
    }
    const auto percent = percent_of(job);
    return percent ? fmt::format("{}%", *percent) : "-";
}

std::string entry(const std::string& text) {
    return text.empty() ? "-" : escaped(text);
}

Row row_of(const JobRecord& job) {
    return {std::to_string(job.number), progress_of(job),     entry(job.verb),
            entry(job.image_class),     entry(image_of(job)), entry(job.source)};
}

} // namespace

std::string transfer_list(std::vector<JobRecord> jobs, bool legend, bool terminal) {
    if (jobs.empty()) {
        return legend ? "No transfers.\n" : "";
    }
    sort(jobs);
    std::vector<Row> rows;
    for (const JobRecord& job : jobs) {
        rows.push_back(row_of(job));
    }
    const std::string table = text_table({"ID", "PROGRESS", "TYPE", "CLASS", "LOCAL", "REMOTE"},
                                         rows, {legend, terminal});
    return legend ? fmt::format("{}\n{} transfers listed.\n", table, jobs.size()) : table;
}

std::string transfer_list_json(std::vector<JobRecord> jobs, bool pretty) {
    sort(jobs);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const JobRecord& job : jobs) {
        nlohmann::ordered_json one;
        one["id"] = job.number;
        one["progress"] = nullptr;
        if (const auto percent = percent_of(job)) {
            one["progress"] = *percent;
        }
        one["type"] = job.verb;
        one["class"] = job.image_class;
        one["local"] = image_of(job);
        one["remote"] = job.source;
        one["state"] = transfer::word(job.state);
        list.push_back(std::move(one));
    }
    return list.dump(pretty ? kIndent : -1) + "\n";
}

} // namespace slipway::cli
