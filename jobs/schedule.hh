// Which waiting job runs next: decisions as pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transfer/request.hh"

namespace slipway::jobs {

/// Jobs wait for those of their own kind alone: nobody should have to wait for a download to have
/// an image removed.
enum class Lane {
    Transfers, ///< pulls, imports, exports
    Store,     ///< clones, removals, cleaning
    AtOnce,    ///< done in a moment: renames, marks, limits. They wait for nothing
};

Lane lane_of(transfer::Verb verb) noexcept;

/// What deciding takes of a live job.
struct Contender {
    std::uint32_t number = 0;
    std::uint32_t uid = 0;
    std::string host; ///< of a pull over the network; empty: none
    bool running = false;
    Lane lane = Lane::Transfers;
};

struct Bounds {
    unsigned running = 4; ///< in each lane that has a bound
    unsigned running_per_host = 2;
};

/// The waiting job to start now: of the caller who has the fewest running ones in its lane the
/// oldest, passing over those whose lane is full or whose host has its share. Nothing when the
/// bounds are reached.
/// @param jobs  by number
std::optional<std::uint32_t> pick_next(const std::vector<Contender>& jobs, const Bounds& bounds);

} // namespace slipway::jobs
