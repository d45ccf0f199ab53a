// How fast bytes have come lately.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace slipway::transfer {

/// Looks back over a window, so that a stall shows within seconds and a burst does not make the
/// figure jump. Knows no clock: times are given.
class RateMeter {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kWindow{5};

    /// At `now`, `total_bytes` had come since the start. Neither goes back.
    void add(Time now, std::uint64_t total_bytes);
    /// Bytes a second over the window that ends with the last sample; 0 before there are two.
    std::uint64_t rate() const noexcept;

private:
    struct Sample {
        Time time;
        std::uint64_t total_bytes;
    };
    std::deque<Sample> samples_; ///< the oldest lies just outside the window, or is the first
};

} // namespace slipway::transfer
