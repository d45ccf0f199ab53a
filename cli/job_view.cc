// Three ways to show the same events.

#include "cli/job_view.hh"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/job_text.hh"
#include "cli/live_line.hh"

namespace slipway::cli {
namespace {

using transfer::LogLevel;

constexpr std::chrono::seconds kPlainInterval{3}; // between two lines of progress

LogLevel lowest_level(const Options& options) noexcept {
    if (options.debug) {
        return LogLevel::Debug;
    }
    return options.quiet ? LogLevel::Warning : LogLevel::Info;
}

std::string line_of(const Sentence& sentence) {
    return fmt::format("{}{}\n", sentence.level == LogLevel::Warning ? "warning: " : "",
                       sentence.text);
}

// Every event as it came.
class JsonView final : public JobView {
public:
    explicit JsonView(Output& out) : out_(out) {}

    void show(const transfer::Event& event, TimePoint /*now*/) override {
        out_.add(transfer::to_json(event) + "\n");
    }

private:
    Output& out_;
};

// Lines in the order of events, progress now and then.
class PlainView final : public JobView {
public:
    PlainView(Output& err, LogLevel lowest) : err_(err), lowest_(lowest) {}

    void show(const transfer::Event& event, TimePoint now) override {
        if (const auto* start = std::get_if<transfer::Started>(&event)) {
            job_ = *start;
            last_progress_ = now;
        }
        for (const Sentence& sentence : sentences(event, job_)) {
            say(sentence);
        }
        const auto* progress = std::get_if<transfer::Progress>(&event);
        if (progress != nullptr && now - last_progress_ >= kPlainInterval) {
            last_progress_ = now;
            say({LogLevel::Info, progress_sentence(*progress, job_)});
        }
    }

private:
    void say(const Sentence& sentence) {
        if (sentence.level >= lowest_) {
            err_.add(line_of(sentence));
        }
    }

    Output& err_;
    LogLevel lowest_;
    transfer::Started job_;
    TimePoint last_progress_;
};

// One line that is redrawn; what stays is written above it.
class LiveView final : public JobView {
public:
    LiveView(Output& err, LogLevel lowest) : err_(err), lowest_(lowest) {}

    void show(const transfer::Event& event, TimePoint /*now*/) override {
        std::visit([this](const auto& one) { take(one); }, event);
        std::string above;
        for (const Sentence& sentence : sentences(event, state_.job)) {
            if (sentence.level >= lowest_) {
                above += line_of(sentence);
            }
        }
        if (!above.empty()) {
            close();
            err_.add(above);
        }
        draw();
    }

    void canceling() override {
        state_.canceling = true;
        draw();
    }

    void resized() override { draw(); }

    void close() override {
        if (!std::exchange(drawn_, "").empty()) {
            err_.add("\r\x1b[K");
        }
    }

private:
    void take(const transfer::Started& start) { state_.job = start; }
    void take(const transfer::StageEntered& entered) { state_.stage = entered.stage; }
    void take(const transfer::Progress& progress) {
        state_.stage = progress.stage;
        state_.progress = progress;
    }
    void take(const transfer::LogLine& /*line*/) {}
    void take(const transfer::VerdictReached& /*verdict*/) {}
    void take(const transfer::Ended& /*end*/) { ended_ = true; }

    // A terminal that does not keep up, or was stopped, gets the next line instead.
    void draw() {
        const bool quiet = lowest_ == LogLevel::Warning;
        const bool started = !state_.job.name.empty();
        if (quiet || !started || ended_ || err_.pending()) {
            return;
        }
        const std::string line = live_line(state_, terminal_columns(err_.fd()));
        if (line != drawn_) {
            err_.add("\r" + line + "\x1b[K");
            drawn_ = line;
        }
    }

    Output& err_;
    LogLevel lowest_;
    LiveState state_;
    std::string drawn_;
    bool ended_ = false;
};

} // namespace

std::unique_ptr<JobView> make_job_view(const Options& options, Console& console) {
    if (options.json != JsonForm::Off) {
        return std::make_unique<JsonView>(console.out);
    }
    if (console.err_is_terminal) {
        return std::make_unique<LiveView>(console.err, lowest_level(options));
    }
    return std::make_unique<PlainView>(console.err, lowest_level(options));
}

} // namespace slipway::cli
