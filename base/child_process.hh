// Child programs: an argument vector (never a shell), exactly the descriptors that are listed, and
// an owner that reaps.

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/fd.hh"

namespace slipway {

/// What to start. Descriptors that are not listed are not inherited.
struct ChildSpec {
    std::filesystem::path program;
    std::vector<std::string> arguments;                  ///< without argv[0]
    std::vector<std::pair<int, int>> fds;                ///< ours (borrowed) → theirs
    std::optional<std::vector<std::string>> environment; ///< "NAME=value"; ours when not set
    bool own_process_group = false;                      ///< keeps a terminal's C-c away from it
    /// The cgroup.procs of the control groups that it is in from its first instruction; borrowed.
    std::vector<int> cgroups{};
    /// Standard error goes to an anonymous file of at most 1 MiB (see stderr_tail()) instead of
    /// ours. Standard input and output that are not listed in `fds` are /dev/null.
    bool capture_stderr = false;
};

/// How a child ended.
struct ChildExit {
    bool signaled = false;
    int code = 0; ///< exit status, or the signal's number
    /// "exited with status 3", "was killed by signal 9 (Killed)".
    std::string description() const;
    bool success() const noexcept { return !signaled && code == 0; }
};

/// A running child. The destructor kills it (SIGKILL) and reaps it.
class ChildProcess {
public:
    /// @throws Error  NotFound: the program does not exist
    explicit ChildProcess(const ChildSpec& spec);
    ChildProcess(ChildProcess&&) noexcept;
    ChildProcess& operator=(ChildProcess&&) noexcept;
    ~ChildProcess();

    pid_t pid() const noexcept { return pid_; }
    /// Readable when the child has ended; for poll(2).
    int pidfd() const noexcept { return pidfd_.get(); }
    void kill(int signal) noexcept;
    /// Lets it go on by itself: it is neither killed nor waited for. When it ends after us, init
    /// reaps it.
    void abandon() && noexcept { pid_ = -1; }
    /// Waits for its end and reaps it. Callable again: gives the same answer.
    ChildExit wait();
    /// With ChildSpec::capture_stderr: the last `limit_bytes` of what it said there, as far as
    /// that was kept.
    std::string stderr_tail(std::size_t limit_bytes = 4096) const;
    /// Nothing when it still runs after `patience`.
    std::optional<ChildExit> wait_for(std::chrono::milliseconds patience);

private:
    pid_t pid_ = -1;
    Fd pidfd_;
    Fd stderr_;
    std::optional<ChildExit> exit_;
};

/// The program `name` of Slipway: beside /proc/self/exe, else in the installed libexec directory.
/// @throws Error  NotFound: names both places
std::filesystem::path find_program(const std::string& name);

/// Makes find_program() look in `directory` and nowhere else: for tests, whose own program lies
/// elsewhere. Before the first thread.
void find_programs_in(std::filesystem::path directory);

} // namespace slipway
