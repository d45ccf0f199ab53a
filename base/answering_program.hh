// One of our programs at work for another: asked over a socket, and asked how it died when no
// answer comes.

#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"

namespace slipway {

/// One thread. The destructor closes the socket and kills what still runs.
class AnsweringProgram {
public:
    /// Starts `program` with the other end of a message pair as descriptor 3, no environment, and
    /// its standard error kept.
    /// @param fds  ours (borrowed) → its
    AnsweringProgram(std::string program, std::vector<std::string> arguments,
                     std::vector<std::pair<int, int>> fds);

    /// One request, with descriptors beside it (borrowed). That it has ended already is heard by
    /// next().
    void send(std::string_view request, const std::vector<int>& fds);
    /// Its next answer.
    /// @throws Error Internal: it died: how, with what it said on stderr; Limit when it was killed
    /// for
    ///         want of memory; Canceled
    std::string next(std::stop_token stop);

    /// Readable when an answer waits or the program has ended.
    int socket() const noexcept { return socket_.get(); }
    pid_t pid() const noexcept { return child_->pid(); }

private:
    [[noreturn]] void throw_death();

    std::string name_;
    Fd socket_;
    std::optional<ChildProcess> child_;
};

} // namespace slipway
