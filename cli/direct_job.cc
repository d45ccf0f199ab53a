// One loop over the keeper's events, the signals, and whatever waits to be written. Nothing in it
// waits for a reader of ours, so that C-c is always heard.

#include "cli/direct_job.hh"

#include <array>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "cli/job_view.hh"
#include "cli/last_lines.hh"
#include "cli/proof_view.hh"
#include "transfer/event_reader.hh"

namespace slipway::cli {
namespace {

struct Pipe {
    Fd read;
    Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe to slipway-transfer");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

class DirectJob {
public:
    DirectJob(const transfer::Request& request, int input, const Options& options, Console& console,
              SignalWatch& signals)
        : console_(console), signals_(signals),
          view_(request.verb == transfer::Verb::Verify || request.dry_run
                    ? make_proof_view(options, console)
                    : make_job_view(options, console)) {
        Pipe orders = make_pipe();
        Pipe said = make_pipe();
        ChildSpec spec;
        spec.program = find_program("slipway-transfer");
        spec.fds = {{orders.read.get(), STDIN_FILENO}, {said.write.get(), STDOUT_FILENO}};
        if (input != kNoInput) {
            spec.fds.emplace_back(input, 3);
        }
        spec.own_process_group = true; // C-c is ours to pass on, as an end of its input
        spec.capture_stderr = !options.debug;
        keeper_.emplace(spec);
        request_fd_ = std::move(orders.write);
        events_ = std::move(said.read);
        ::fcntl(events_.get(), F_SETFL, O_NONBLOCK);
        end_.verb = request.verb;
        end_.name = request.name;
        request_.emplace(request_fd_.get());
        request_->add(transfer::to_json(request) + "\n");
    }

    JobEnd run() {
        while (events_) {
            wait();
            take_signals();
            if (request_) {
                request_->write_some();
            }
            console_.out.write_some();
            console_.err.write_some();
            if (may_read()) {
                read_events();
            }
        }
        end_.keeper = keeper_->wait();
        end_.keeper_stderr = keeper_->stderr_tail();
        view_->close();
        return std::move(end_);
    }

private:
    // While our reader lags behind the keeper's events wait where they are: it keeps the newest
    // progress for whoever is slow. Once canceled nothing is waited for.
    bool may_read() const {
        return end_.signal != 0 || !(console_.out.backed_up() || console_.err.backed_up());
    }

    void wait() {
        std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}};
        if (may_read()) {
            fds.push_back({events_.get(), POLLIN, 0});
        }
        for (const Output* output :
             {request_ ? &*request_ : nullptr, &console_.out, &console_.err}) {
            if (output != nullptr && output->pending()) {
                fds.push_back({output->fd(), POLLOUT, 0});
            }
        }
        poll_fds(fds, {});
    }

    void take_signals() {
        while (const auto signal = signals_.next()) {
            if (*signal == SIGWINCH) {
                view_->resized();
            } else if (end_.signal == 0) {
                end_.signal = *signal;
                cancel();
                view_->canceling();
            }
        }
    }

    // The end of the request is the word for it.
    void cancel() {
        request_.reset();
        request_fd_.reset();
    }

    void read_events() {
        std::array<char, 16 * 1024> buffer{};
        const ssize_t got = ::read(events_.get(), buffer.data(), buffer.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (got <= 0) {
            events_.reset();
            return;
        }
        if (!end_.broken.empty()) {
            return; // read on, so that it can end
        }
        try {
            const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
            for (const transfer::Event& event : reader_.feed(bytes)) {
                take(event);
            }
        } catch (const Error& error) {
            end_.broken = error.what();
            cancel();
        }
    }

    void take(const transfer::Event& event) {
        if (const auto* start = std::get_if<transfer::Started>(&event)) {
            end_.name = start->name;
        } else if (const auto* ended = std::get_if<transfer::Ended>(&event)) {
            end_.ended = *ended;
        }
        view_->show(event, std::chrono::steady_clock::now());
    }

    Console& console_;
    SignalWatch& signals_;
    std::unique_ptr<JobView> view_;
    std::optional<ChildProcess> keeper_;
    Fd request_fd_;
    std::optional<Output> request_;
    Fd events_;
    transfer::EventReader reader_;
    JobEnd end_;
};

} // namespace

JobResult run_direct(const transfer::Request& request, int input, const Options& options,
                     Console& console, SignalWatch& signals) {
    const JobEnd end = DirectJob(request, input, options, console, signals).run();
    const JobStatus status = job_status(end);
    if (!status.error.empty()) {
        console.err.add(fmt::format("slipway: {}\n", status.error));
    }
    finish_output(console, signals, end.signal != 0);
    return {status.status, end.signal, end.ended ? end.ended->digest : ""};
}

} // namespace slipway::cli
