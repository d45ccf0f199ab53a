// How far an unpacking is, for whoever shows it.

#pragma once

#include <atomic>
#include <cstdint>

namespace slipway::pull {

/// Progress, written by the unpacking thread and read by any.
struct Counters {
    std::atomic<std::uint64_t> unpacked_bytes{0};
    std::atomic<std::uint64_t> entries{0}; ///< of a tree
};

} // namespace slipway::pull
