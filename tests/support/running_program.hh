// Programs that a test talks to while they run.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hh"
#include "base/fd.hh"

namespace slipway::tests {

/// A program that runs: its standard output and error are read as they come.
class Running {
public:
    /// @param input  its standard input, borrowed; /dev/null when -1
    explicit Running(const std::vector<std::string>& command, int input = -1);

    /// Waits until standard error holds `text`. @throws after 20 s
    void wait_for_error(const std::string& text);
    /// The same of standard output.
    void wait_for_output(const std::string& text);
    void kill(int signal) { child_->kill(signal); }
    pid_t pid() const noexcept { return child_->pid(); }
    /// Reads both to their ends. 128 + the number for a program that a signal ended.
    int wait();
    /// The same with standard output left unread.
    int wait_without_reading_output();
    const std::string& out() const noexcept { return out_text_; }
    const std::string& err() const noexcept { return err_text_; }

private:
    bool read_more(const Fd& fd, std::string& into);
    void wait_for_text(const Fd& fd, std::string& in, const std::string& text);

    Fd out_;
    Fd err_;
    std::string out_text_;
    std::string err_text_;
    std::optional<ChildProcess> child_;
};

} // namespace slipway::tests
