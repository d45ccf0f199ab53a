// Output of a program that must never wait for whoever reads it: a pager that has paused, a closed
// pipe, a full disk or a stopped terminal leave a transfer alone.

#pragma once

#include <string>
#include <string_view>

#include "base/wait.hh"

namespace slipway::cli {

/// A queue in front of one descriptor (borrowed). SIGPIPE must be ignored.
class Output {
public:
    explicit Output(int fd) noexcept : fd_(fd) {}

    /// Takes `text` and writes what can be written without waiting. After a failed write
    /// everything is dropped.
    void add(std::string_view text);
    void write_some() noexcept;
    /// Waits until all is written, it cannot be, or the deadline has passed.
    void drain(const Deadline& deadline = {});

    int fd() const noexcept { return fd_; }
    bool pending() const noexcept { return !queue_.empty(); }
    /// The reader is so far behind that no more should be taken for it.
    bool backed_up() const noexcept;
    /// errno of the write that failed; 0 when none did.
    int error() const noexcept { return error_; }

private:
    int fd_;
    int error_ = 0;
    std::string queue_;
};

} // namespace slipway::cli
