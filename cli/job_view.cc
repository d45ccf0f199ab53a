// Three ways to show the same events.

#include "cli/job_view.hh"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/job_text.hh"
#include "cli/live_line.hh"

namespace slipway::cli {
namespace {

using transfer::LogLevel;

constexpr std::chrono::seconds kPlainInterval{3}; // between two lines of progress

std::string line_of(const Sentence& sentence) {
    return fmt::format("{}{}\n", sentence.level == LogLevel::Warning ? "warning: " : "",
                       sentence.text);
}

// Every event as it came; a reader that is slow misses progress, as a slow reader of a pipe does.
class JsonView final : public JobView {
public:
    explicit JsonView(Output& out) : out_(out) {}

    void show(const transfer::Event& event, TimePoint /*now*/) override {
        if (!(out_.backed_up() && std::holds_alternative<transfer::Progress>(event))) {
            out_.add(transfer::to_json(event) + "\n");
        }
    }
    void show(const Enqueued& enqueued, TimePoint /*now*/) override {
        out_.add(fmt::format("{{\"event\":\"queued\",\"job\":{}}}\n", to_json(enqueued.job)));
    }
    void show(const Interrupted& interrupted, TimePoint /*now*/) override {
        out_.add(to_json(interrupted) + "\n");
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
    void show(const Enqueued& /*enqueued*/, TimePoint /*now*/) override {}
    void show(const Interrupted& interrupted, TimePoint /*now*/) override {
        say(sentence(interrupted));
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
    LiveView(Output& err, LogLevel lowest, Interrupt interrupt) : err_(err), lowest_(lowest) {
        state_.hint = interrupt == Interrupt::Cancels ? "(C-c cancels)" : "(C-c detaches)";
    }

    void show(const transfer::Event& event, TimePoint /*now*/) override {
        std::visit([this](const auto& one) { take(one); }, event);
        say(sentences(event, state_.job));
        draw();
    }
    void show(const Enqueued& enqueued, TimePoint /*now*/) override {
        state_.job.name = image_of(enqueued.job);
        state_.stage = "queued";
        draw();
    }
    void show(const Interrupted& interrupted, TimePoint /*now*/) override {
        state_.stage = "queued";
        say({sentence(interrupted)});
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
    void take(const transfer::Started& start) {
        state_.job = start;
        state_.stage.clear();
    }
    void take(const transfer::StageEntered& entered) { state_.stage = entered.stage; }
    void take(const transfer::Progress& progress) {
        state_.stage = progress.stage;
        state_.progress = progress;
    }
    void take(const transfer::LogLine& /*line*/) {}
    void take(const transfer::ProofSeen& /*proof*/) {}
    void take(const transfer::Inspected& /*inspected*/) {}
    void take(const transfer::DiskInspected& /*inspected*/) {}
    void take(const transfer::Cleaned& /*cleaned*/) {}
    void take(const transfer::VerdictReached& /*verdict*/) {}
    void take(const transfer::Ended& /*end*/) { ended_ = true; }

    void say(const std::vector<Sentence>& all) {
        std::string above;
        for (const Sentence& one : all) {
            above += one.level >= lowest_ ? line_of(one) : "";
        }
        if (!above.empty()) {
            close();
            err_.add(above);
        }
    }

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

LogLevel lowest_level(const Options& options) noexcept {
    if (options.debug) {
        return LogLevel::Debug;
    }
    return options.quiet ? LogLevel::Warning : LogLevel::Info;
}

std::unique_ptr<JobView> make_job_view(const Options& options, Console& console,
                                       Interrupt interrupt) {
    if (options.json != JsonForm::Off) {
        return std::make_unique<JsonView>(console.out);
    }
    if (console.err_is_terminal) {
        return std::make_unique<LiveView>(console.err, lowest_level(options), interrupt);
    }
    return std::make_unique<PlainView>(console.err, lowest_level(options));
}

} // namespace slipway::cli
