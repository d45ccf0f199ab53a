// A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking (pipe(7)), whether or
// not it is in non-blocking mode, which we cannot ask for: the open file may be the terminal that
// the caller shares with us.

#include "transfer/event_writer.hh"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <variant>

#include <poll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

// What may wait for a slow reader before log lines are only counted.
constexpr std::size_t kMaxQueuedBytes = 1 * MiB;

} // namespace

void EventWriter::put(const Event& event) {
    if (broken_) {
        return;
    }
    if (std::holds_alternative<LogLine>(event) && queued_bytes_ > kMaxQueuedBytes) {
        ++dropped_;
        return;
    }
    if (dropped_ > 0 &&
        (queued_bytes_ <= kMaxQueuedBytes || std::holds_alternative<Ended>(event))) {
        queue(LogLine{LogLevel::Warning,
                      fmt::format("{} lines were left out, since nobody read them", dropped_)});
        dropped_ = 0;
    }
    queue(event);
    write_ready();
}

void EventWriter::queue(const Event& event) {
    const bool progress = std::holds_alternative<Progress>(event);
    if (progress && !lines_.empty() && lines_.back().progress && !lines_.back().begun) {
        queued_bytes_ -= lines_.back().text.size();
        lines_.pop_back();
    }
    lines_.push_back({to_json(event) + "\n", progress});
    queued_bytes_ += lines_.back().text.size();
}

void EventWriter::write_ready() {
    pollfd out{fd_, POLLOUT, 0};
    while (!lines_.empty() && ::poll(&out, 1, 0) > 0 && write_some()) {
    }
}

// One write of the first line, or of its next part. False when nothing could be written now.
bool EventWriter::write_some() {
    Line& line = lines_.front();
    const std::size_t size = std::min<std::size_t>(line.text.size(), PIPE_BUF);
    const ssize_t written = ::write(fd_, line.text.data(), size);
    if (written < 0) {
        if (errno == EINTR || errno == EAGAIN) {
            return false;
        }
        broken_ = true;
        lines_.clear();
        queued_bytes_ = 0;
        return false;
    }
    line.begun = true;
    line.text.erase(0, static_cast<std::size_t>(written));
    queued_bytes_ -= static_cast<std::size_t>(written);
    if (line.text.empty()) {
        lines_.pop_front();
    }
    return true;
}

void EventWriter::drain(const std::stop_token& stop, std::chrono::milliseconds patience) {
    Deadline deadline;
    while (!lines_.empty()) {
        try {
            if (!wait_for(fd_, POLLOUT, deadline ? std::stop_token() : stop, deadline)) {
                return;
            }
            write_some();
        } catch (const Canceled&) {
            deadline = std::chrono::steady_clock::now() + patience;
        }
    }
}

} // namespace slipway::transfer
