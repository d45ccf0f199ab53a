// A job as a user or a service starts it, with its events read as they come.

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"
#include "transfer/event.hh"
#include "transfer/request.hh"

namespace slipway::tests {

/// What is started: the command line with --json, or the keeper with the request on its standard
/// input.
enum class Face { Slipway, Transfer };

/// How a job ended.
struct FinishedJob {
    int status = 0; ///< exit status of the face; 128 + the signal's number when it was killed
    std::vector<transfer::Event> events;
    std::optional<transfer::Ended> ended;
    std::string err;

    /// The last stage that was entered; empty when none was.
    std::string last_stage() const;
    /// The text of `end`; empty when it did not come.
    std::string text() const { return ended ? ended->text : std::string(); }
    /// All log lines of this level.
    std::vector<std::string> lines(transfer::LogLevel level) const;
    template <typename Kind>
    std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const transfer::Event& event : events) {
            if (const auto* one = std::get_if<Kind>(&event)) {
                found.push_back(*one);
            }
        }
        return found;
    }
};

class RunningJob {
public:
    /// @param input     what a request without a path reads; borrowed
    /// @param programs  the directory they are in
    explicit RunningJob(const transfer::Request& request, Face face = Face::Slipway, int input = -1,
                        const std::filesystem::path& programs = program(""));

    /// Reads events until one is `wanted`. @throws when the job ends before, or after 60 s
    void wait_for(const std::function<bool(const transfer::Event&)>& wanted);
    void wait_for_stage(const std::string& stage);
    /// Until that many packed bytes have arrived.
    void wait_for_bytes(std::uint64_t bytes);
    /// Until that many entries are unpacked.
    void wait_for_entries(std::uint64_t entries);

    /// The end of the request.
    void cancel() { request_.reset(); }
    void kill(int signal) { face_->kill(signal); }
    /// Nothing reads the events any more.
    void leave() { events_fd_.reset(); }

    pid_t pid() const noexcept { return face_->pid(); }
    /// Nothing when it has ended.
    std::optional<pid_t> find_keeper() const;
    /// The keeper's child of this name ("slipway-fetch"); nothing when there is none now.
    std::optional<pid_t> find_child(const std::string& name) const;

    /// Reads to the end and waits for the face's end.
    FinishedJob finish();

private:
    bool read_event(std::chrono::steady_clock::time_point deadline);

    Fd request_;
    Fd events_fd_;
    std::optional<ChildProcess> face_;
    Face kind_;
    std::string unread_;
    FinishedJob job_;
};

/// From start to end.
FinishedJob run_job(const transfer::Request& request, Face face = Face::Slipway, int input = -1);

/// The command line that asks for the same as `request`.
std::vector<std::string> command_line(const transfer::Request& request);

} // namespace slipway::tests
