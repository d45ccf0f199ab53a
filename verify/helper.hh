// A program that answers one question: started, asked, ended. Not for other rooms.

#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "base/wait.hh"

namespace slipway::verify {

/// Leads a process group of its own. The destructor closes the control socket, which ends it, and
/// soon after kills what is left of the group.
class Helper {
public:
    /// @throws Error  NotFound: the program does not exist
    Helper(const std::string& program, std::vector<std::string> arguments, Deadline deadline);
    ~Helper();
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    /// @throws Error Internal: it has ended, and how
    void send(std::string_view text, const std::vector<int>& fds);
    /// In the place of the one it was started with.
    void set_deadline(Deadline deadline) noexcept { deadline_ = deadline; }
    /// @throws Error Internal: it did not answer in time, or ended without an answer, and how;
    ///         Canceled
    std::string receive(std::stop_token stop);

private:
    [[noreturn]] void report_end();

    std::string name_;
    Deadline deadline_;
    Fd socket_;
    std::optional<ChildProcess> child_;
};

} // namespace slipway::verify
