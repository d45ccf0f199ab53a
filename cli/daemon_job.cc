// First the promise: until the daemon has answered with a number, events of all jobs are kept,
// since one of them may be ours. Then the events, from wherever they come.

#include "cli/daemon_job.hh"

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/outcome.hh"
#include "base/quoted.hh"
#include "cli/cancellation.hh"
#include "cli/daemon_loop.hh"
#include "cli/history_list.hh"
#include "cli/job_lookup.hh"
#include "cli/job_view.hh"
#include "cli/job_watch.hh"
#include "cli/last_lines.hh"
#include "cli/submission.hh"

namespace slipway::cli {
namespace {

TimePoint now() {
    return std::chrono::steady_clock::now();
}

class DaemonJob {
public:
    DaemonJob(Daemon& daemon, const transfer::Request& request, std::string source,
              const Options& options, Console& console, SignalWatch& signals)
        : daemon_(daemon), options_(options), console_(console), signals_(signals),
          loop_(daemon, console, signals), verb_(request.verb),
          view_(make_job_view(options, console,
                              is_export() ? Interrupt::Cancels : Interrupt::Detaches)),
          watch_(*view_, request.name, std::move(source)) {}

    JobResult run(const std::string& request, Fd input) {
        try {
            submit(request, std::move(input));
            if (!number_) {
                return interrupted_before_the_promise();
            }
            return options_.wait ? follow() : leave_number();
        } catch (const Error& error) {
            view_->close();
            if (!number_ || error.kind() != Kind::Network) {
                throw;
            }
            return lose(error.what());
        }
    }

private:
    void submit(const std::string& request, Fd input) {
        std::optional<Error> refusal;
        std::vector<Fd> descriptors;
        if (input) {
            descriptors.push_back(std::move(input));
        }
        daemon_.submit(
            request, std::move(descriptors), [this](std::uint32_t number) { promised(number); },
            [&refusal](const Error& error) { refusal = error; });
        daemon_.listen(
            {[this](std::uint32_t number, const std::string& json) { hear(number, json); },
             [this](bool there) { presence(there); }});
        while (!number_ && !refusal && signal_ == 0) {
            round({});
        }
        if (refusal && refusal->kind() == Kind::Internal) {
            refusal->add_advice(
                "; if the transfer is queued all the same, list-transfers shows it");
        }
        if (refusal) {
            throw Error(*refusal);
        }
    }

    // What was said of the job before we knew its number comes before all that follows.
    void promised(std::uint32_t number) {
        number_ = number;
        if (options_.wait && !is_over_soon()) {
            notice(is_export()
                       ? fmt::format("Enqueued transfer job {}. Press C-c to cancel it.", number)
                       : fmt::format(
                             "Enqueued transfer job {}. Press C-c to continue {} in background.",
                             number, word()));
            for (const JobEvent& event : early_[number]) {
                watch_.hear(event, now());
            }
        }
        early_.clear();
    }

    JobResult interrupted_before_the_promise() {
        print_error(console_, "slipway-importd had not answered yet; if it has queued the transfer "
                              "all the same, list-transfers shows it");
        return {128 + signal_, signal_};
    }

    JobResult leave_number() {
        if (options_.json == JsonForm::Off) {
            console_.out.add(fmt::format("{}\n", *number_));
            return {0, 0};
        }
        lookup_.emplace(daemon_, *number_);
        lookup_->ask();
        while (!lookup_->job() && !lookup_->failed() && signal_ == 0) {
            round(lookup_->deadline());
        }
        if (!lookup_->job()) {
            return signal_ != 0 ? JobResult{128 + signal_, signal_} : lose(lookup_->problem());
        }
        console_.out.add(job_json(*lookup_->job(), pretty_json(options_, console_)));
        return {0, 0};
    }

    JobResult follow() {
        while (!watch_.ended() && signal_ == 0 && !(lookup_ && lookup_->failed())) {
            round(lookup_ ? lookup_->deadline() : Deadline());
            if (lookup_ && lookup_->job()) {
                watch_.found(*lookup_->job(), now());
                lookup_.reset();
            }
        }
        view_->close();
        if (watch_.ended()) {
            return finish();
        }
        if (signal_ != 0) {
            return is_export() ? cancel() : detach();
        }
        return lose(lookup_->problem());
    }

    JobResult finish() {
        const JobStatus status = job_status(watch_.end());
        if (!status.error.empty()) {
            console_.err.add(fmt::format("slipway: {}\n", status.error));
        }
        const std::optional<transfer::Ended>& ended = watch_.end().ended;
        return {status.status, 0, ended ? ended->digest : ""};
    }

    // Nobody would give the file its name.
    JobResult cancel() {
        const JobResult canceled = cancel_and_wait(daemon_, {*number_}, console_, signals_);
        return {canceled.status == 0 ? 128 + signal_ : canceled.status, signal_};
    }

    JobResult detach() {
        notice(fmt::format("Continuing {} in the background. Use \"slipway cancel-transfer {}\" to "
                           "abort transfer.",
                           word(), *number_));
        return {exit_status(Kind::Other), signal_};
    }

    JobResult lose(std::string_view problem) {
        print_error(console_,
                    fmt::format("transfer {} is no longer watched: {}. Once slipway-importd "
                                "answers, \"slipway list-transfers\" and \"slipway history {}\" "
                                "show how it went on",
                                *number_, problem, *number_));
        return {exit_status(Kind::Other), 0};
    }

    void round(const Deadline& deadline) {
        if (const auto signal = loop_.round(deadline)) {
            if (*signal == SIGWINCH) {
                view_->resized();
            } else {
                signal_ = *signal;
            }
        }
    }

    // Before the promise every job may be ours that is queued by now.
    void hear(std::uint32_t number, const std::string& json) {
        const auto event = parse_job_event(json);
        if (!event) {
            return;
        }
        if (number_) {
            if (number == *number_) {
                watch_.hear(*event, now());
            }
        } else if (std::holds_alternative<Enqueued>(*event) || early_.contains(number)) {
            early_[number].push_back(*event);
        }
    }

    // What was missed is asked for as soon as somebody can answer.
    void presence(bool there) {
        if (!number_) {
            return; // how our question ends, tells
        }
        if (!lookup_) {
            lookup_.emplace(daemon_, *number_);
        }
        if (there) {
            lookup_->ask();
        }
    }

    std::string_view word() const noexcept {
        if (transfer::is_pull(verb_)) {
            return "download";
        }
        if (is_export()) {
            return "export";
        }
        return transfer::is_about_stored(verb_) ? transfer::word(verb_) : "import";
    }
    bool is_export() const noexcept { return transfer::is_export(verb_); }
    // Nobody leaves before it is done.
    bool is_over_soon() const noexcept {
        return transfer::is_about_stored(verb_) && !is_export() && verb_ != transfer::Verb::Clone;
    }

    // machinectl says these lines unless it was asked to be quiet; JSON goes without them.
    void notice(const std::string& line) {
        if (!options_.quiet && options_.json == JsonForm::Off) {
            console_.err.add(line + "\n");
        }
    }

    Daemon& daemon_;
    const Options& options_;
    Console& console_;
    SignalWatch& signals_;
    DaemonLoop loop_;
    transfer::Verb verb_;
    std::unique_ptr<JobView> view_;
    JobWatch watch_;
    std::optional<std::uint32_t> number_;
    std::optional<JobLookup> lookup_;
    std::map<std::uint32_t, std::vector<JobEvent>> early_;
    int signal_ = 0;
};

} // namespace

JobResult run_through(Daemon& daemon, const transfer::Request& request, Fd input,
                      const std::string& source, const Options& options, Console& console,
                      SignalWatch& signals) {
    const std::string wish = submission(
        request, source, {options.verify.has_value(), options.keep_download.has_value()});
    const JobResult result =
        DaemonJob(daemon, request, source, options, console, signals).run(wish, std::move(input));
    finish_output(console, signals, result.signal != 0);
    return result;
}

} // namespace slipway::cli
