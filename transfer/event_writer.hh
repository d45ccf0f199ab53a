// Events on their way to the face: whole lines, in order, never in the way of the job.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <stop_token>
#include <string>

#include "transfer/event.hh"

namespace slipway::transfer {

/// A line of up to PIPE_BUF bytes is one write(2), made only when it does not block; a longer one
/// goes out in parts. A reader that is slow finds the newest progress instead of all of it, and
/// log lines beyond a bound counted; one that is gone (or a full disk) finds nothing: the job goes
/// on. One thread. SIGPIPE has to be ignored.
class EventWriter {
public:
    /// @param fd  a pipe, file or terminal; borrowed
    explicit EventWriter(int fd) : fd_(fd) {}

    void put(const Event& event);
    /// Writes what is left, waiting for a slow reader until `stop` is requested and then for
    /// `patience` more.
    void drain(const std::stop_token& stop, std::chrono::milliseconds patience);
    /// Nobody reads any more.
    bool broken() const noexcept { return broken_; }

private:
    struct Line {
        std::string text; ///< with its newline; what was written is cut off in front
        bool progress = false;
        bool begun = false;
    };
    void queue(const Event& event);
    void write_ready();
    bool write_some();

    int fd_;
    std::deque<Line> lines_;
    std::size_t queued_bytes_ = 0;
    std::size_t dropped_ = 0;
    bool broken_ = false;
};

} // namespace slipway::transfer
