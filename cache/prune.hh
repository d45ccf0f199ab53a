// What leaves the cache: what is too old, what is too much, what somebody names, and what dead jobs
// have left.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/bounds.hh"
#include "cache/store.hh"

namespace slipway::cache {

struct Removed {
    std::string name; ///< "sha256-HEX"
    std::uint64_t freed_bytes = 0;
};

/// Keeps the cache within its bounds: those that were not used for longer than the age go, then,
/// while it is too large, those that were not used for longest. One that somebody reads stays.
/// @param now    against which the age is counted
/// @param spare  the name of one that stays whatever the bounds are; may be empty
/// @throws Error  what was removed before stays removed
std::vector<Removed> prune(const Store& store, const Bounds& bounds,
                           std::chrono::system_clock::time_point now, std::string_view spare = {});

/// Removes one entry, whole or not.
/// @throws Error  Busy: somebody reads it; NotFound
Removed remove_entry(const Store& store, const std::string& name);

/// Removes what dead jobs have left half made or half removed; how many bytes that were.
std::uint64_t sweep(const Store& store);

} // namespace slipway::cache
