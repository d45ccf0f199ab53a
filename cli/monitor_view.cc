// The table is the last lines of the terminal; whatever stays is written above it.

#include "cli/monitor_view.hh"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "cli/job_text.hh"
#include "cli/job_view.hh"
#include "cli/live_line.hh"
#include "cli/text_width.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;
using transfer::JobRecord;
using transfer::JobState;
using transfer::LogLevel;

constexpr std::string_view kAway = "slipway-importd has left the bus; waiting until it is back";

bool is_progress(const JobEvent& event) {
    const auto* one = std::get_if<transfer::Event>(&event);
    return one != nullptr && std::holds_alternative<transfer::Progress>(*one);
}

std::string json_line(Json first, const std::string& members) {
    first.update(Json::parse(members));
    return first.dump();
}

// "7 web"
std::string label(const JobRecord& job) {
    return fmt::format("{} {}", job.number, image_of(job));
}

std::string line_of(const JobRecord& job, std::size_t columns) {
    LiveState state;
    state.job.name = label(job);
    state.stage = job.state == JobState::Queued ? "queued" : job.stage;
    state.progress = job.progress.value_or(transfer::Progress{});
    state.hint = "";
    return live_line(state, columns);
}

// An end that is no success says nothing among a job's own sentences.
std::vector<Sentence> words_of(const JobRecord& job, const JobEvent& event) {
    if (const auto* interrupted = std::get_if<Interrupted>(&event)) {
        return {sentence(*interrupted)};
    }
    const auto* one = std::get_if<transfer::Event>(&event);
    if (one == nullptr) {
        return {};
    }
    const auto* end = std::get_if<transfer::Ended>(one);
    if (end != nullptr && end->outcome != transfer::Outcome::Done) {
        return {{LogLevel::Warning, fmt::format("{}: {}", word(job.state), relayed(end->text))}};
    }
    return sentences(*one, {"", job.verb, image_of(job), job.source});
}

class JsonMonitor final : public MonitorView {
public:
    explicit JsonMonitor(Console& console) : console_(console) {}

    void present(const JobRecord& job, const LiveJobs& /*all*/) override {
        console_.out.add(present_json(job) + "\n");
    }
    void show(const JobRecord& job, const JobEvent& event, const LiveJobs& /*all*/) override {
        // A reader that is slow misses progress, and nothing else.
        if (!(console_.out.backed_up() && is_progress(event))) {
            console_.out.add(monitor_json(job.number, event) + "\n");
        }
    }
    void changed(const LiveJobs& /*all*/) override {}
    void away(const LiveJobs& /*all*/) override { print_error(console_, kAway); }

private:
    Console& console_;
};

class TableMonitor final : public MonitorView {
public:
    TableMonitor(Output& out, LogLevel lowest) : out_(out), lowest_(lowest) { changed({}); }

    void present(const JobRecord& /*job*/, const LiveJobs& all) override { changed(all); }
    void show(const JobRecord& job, const JobEvent& event, const LiveJobs& all) override {
        for (const Sentence& one : words_of(job, event)) {
            if (one.level >= lowest_) {
                above_ += fmt::format("{}: {}\n", escaped(label(job)), one.text);
            }
        }
        changed(all);
    }
    void changed(const LiveJobs& all) override {
        jobs_ = all;
        draw();
    }
    void away(const LiveJobs& all) override {
        above_ += fmt::format("{}\n", kAway);
        changed(all);
    }
    void resized() override { draw(); }
    void close() override {
        out_.add(erasing() + std::exchange(above_, ""));
        drawn_.clear();
    }

private:
    // A terminal that does not keep up, or was stopped, gets the next table instead.
    void draw() {
        if (out_.pending()) {
            return;
        }
        const std::size_t rows = terminal_rows(out_.fd());
        std::vector<std::string> lines =
            monitor_lines(jobs_, terminal_columns(out_.fd()), rows > 1 ? rows - 1 : 1);
        if (lines == drawn_ && above_.empty()) {
            return;
        }
        std::string text = erasing() + std::exchange(above_, "");
        for (const std::string& line : lines) {
            text += line + "\n";
        }
        drawn_ = std::move(lines);
        out_.add(text);
    }

    // Up to the first line of the table, and nothing below. A terminal that was made narrower has
    // broken longer lines in two.
    std::string erasing() const {
        const std::size_t columns = terminal_columns(out_.fd());
        std::size_t rows = 0;
        for (const std::string& line : drawn_) {
            rows += std::max<std::size_t>(1, (text_width(line) + columns - 1) / columns);
        }
        return rows == 0 ? "" : fmt::format("\x1b[{}A\r\x1b[J", rows);
    }

    Output& out_;
    LogLevel lowest_;
    LiveJobs jobs_;
    std::string above_; ///< not yet written
    std::vector<std::string> drawn_;
};

} // namespace

std::unique_ptr<MonitorView> make_monitor_view(const Options& options, Console& console) {
    if (options.json == JsonForm::Off && console.out_can_redraw) {
        return std::make_unique<TableMonitor>(console.out, lowest_level(options));
    }
    return std::make_unique<JsonMonitor>(console);
}

std::vector<std::string> monitor_lines(const LiveJobs& all, std::size_t columns, std::size_t rows) {
    if (all.empty()) {
        return {cut_to_width("No transfers. C-c ends this.", columns)};
    }
    std::vector<const JobRecord*> jobs;
    for (const auto& [number, job] : all) {
        jobs.push_back(&job);
    }
    std::stable_partition(jobs.begin(), jobs.end(),
                          [](const JobRecord* job) { return job->state != JobState::Queued; });
    const bool all_fit = jobs.size() <= rows;
    const std::size_t shown = all_fit ? jobs.size() : rows - 1;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < shown; ++i) {
        lines.push_back(line_of(*jobs[i], columns));
    }
    if (!all_fit) {
        lines.push_back(cut_to_width(fmt::format("… and {} more", jobs.size() - shown), columns));
    }
    return lines;
}

std::string monitor_json(std::uint32_t number, const JobEvent& event) {
    if (const auto* enqueued = std::get_if<Enqueued>(&event)) {
        return json_line({{"job", number}, {"event", "queued"}}, to_json(enqueued->job));
    }
    if (const auto* interrupted = std::get_if<Interrupted>(&event)) {
        return json_line({{"job", number}}, to_json(*interrupted));
    }
    return json_line({{"job", number}}, transfer::to_json(std::get<transfer::Event>(event)));
}

std::string present_json(const JobRecord& job) {
    return json_line({{"job", job.number}, {"event", "present"}}, to_json(job));
}

} // namespace slipway::cli
