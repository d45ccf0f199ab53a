// Pools are swept of what dead jobs left: at the start, and behind a keeper that was killed.

#pragma once

#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "jobs/event_loop.hh"

namespace slipway::jobs {

/// One pool after the other, by slipway-transfer. The destructor ends the one that runs.
class Sweeper {
public:
    Sweeper(EventLoop& loop, std::vector<std::string> environment)
        : loop_(loop), environment_(std::move(environment)) {}

    /// A pool that waits already is not added again.
    void add(const std::filesystem::path& pool);

private:
    void start_next();

    EventLoop& loop_;
    std::vector<std::string> environment_;
    std::deque<std::filesystem::path> waiting_;
    std::optional<ChildProcess> child_;
    Watch exit_;
};

} // namespace slipway::jobs
