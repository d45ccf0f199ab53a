// How much the cache may hold, and for how long.

#pragma once

#include <chrono>
#include <cstdint>

#include "base/bytes.hh"
#include "cache/store.hh"

namespace slipway::cache {

struct Bounds {
    std::uint64_t size_bytes = 10 * GiB;
    std::chrono::seconds age = std::chrono::hours(24 * 30); ///< since the last use
    friend bool operator==(const Bounds&, const Bounds&) = default;
};

/// Those that were set for this cache; the default where none were, or nobody can tell.
Bounds bounds_of(const Store& store);

/// Sets them for everybody who uses this cache: who pulls without the daemon keeps within what the
/// daemon's configuration says. Nothing is written where they are set already.
/// @throws Error
void set_bounds(const Store& store, const Bounds& bounds);

} // namespace slipway::cache
