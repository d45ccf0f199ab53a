// Where one job stands, asked of a daemon that may be away for a while.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/wait.hh"
#include "cli/daemon.hh"

namespace slipway::cli {

/// The answer is there once the daemon's process() has brought it. Asks again when the daemon
/// leaves in the middle, and gives up 30 s after it was made.
class JobLookup {
public:
    /// @param daemon  borrowed, for as long as a question waits
    JobLookup(Daemon& daemon, std::uint32_t number);

    /// Somebody is there to ask.
    void ask();
    /// Nothing until it is known.
    const std::optional<transfer::JobRecord>& job() const noexcept { return state_->job; }
    /// Nobody knows the job, or nobody has answered for too long.
    bool failed() const;
    /// Why.
    std::string problem() const;
    /// When something is to be looked at again.
    Deadline deadline() const { return give_up_; }

private:
    struct State {
        std::optional<transfer::JobRecord> job;
        bool unknown = false;
        std::string problem;
    };

    static void ask_history(Daemon& daemon, std::uint32_t number,
                            const std::weak_ptr<State>& state);

    Daemon& daemon_;
    std::uint32_t number_;
    std::chrono::steady_clock::time_point give_up_;
    std::shared_ptr<State> state_ = std::make_shared<State>(); // questions may outlive us
};

} // namespace slipway::cli
