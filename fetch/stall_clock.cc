// Arithmetic of the stall limit.

#include "fetch/stall_clock.hh"

#include <algorithm>

namespace slipway::fetch {

StallClock::StallClock(std::chrono::milliseconds limit, std::uint64_t bytes_per_second) noexcept
    : limit_(limit), needed_bytes_(std::max<std::uint64_t>(
                         1, bytes_per_second * static_cast<std::uint64_t>(limit.count()) / 1000)) {}

void StallClock::start(Time now) noexcept {
    begun_ = now;
    gained_bytes_ = 0;
}

void StallClock::count(std::uint64_t bytes, Time now) noexcept {
    gained_bytes_ += bytes;
    if (begun_ && gained_bytes_ >= needed_bytes_) {
        start(now);
    }
}

std::optional<StallClock::Time> StallClock::deadline() const noexcept {
    return begun_ ? std::optional(*begun_ + limit_) : std::nullopt;
}

bool StallClock::is_over(Time now) const noexcept {
    return begun_ && now >= *begun_ + limit_;
}

} // namespace slipway::fetch
