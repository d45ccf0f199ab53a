// Which waiting job runs next: decisions as pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::jobs {

/// What deciding takes of a live job.
struct Contender {
    std::uint32_t number = 0;
    std::uint32_t uid = 0;
    std::string host; ///< of a pull over the network; empty: none
    bool running = false;
};

struct Bounds {
    unsigned running = 4;
    unsigned running_per_host = 2;
};

/// The waiting job to start now: of the caller who has the fewest running ones the oldest, passing
/// over those whose host has its share. Nothing when the bounds are reached.
/// @param jobs  by number
std::optional<std::uint32_t> pick_next(const std::vector<Contender>& jobs, const Bounds& bounds);

} // namespace slipway::jobs
