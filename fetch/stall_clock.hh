// The stall limit: too few bytes for too long, where only time counts in which we asked for bytes.
// A window ends as soon as it has brought what a line at the limit brings in the whole of it, so a
// line that falls silent is noticed within one time-out, whatever came before.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace slipway::fetch {

class StallClock {
public:
    using Time = std::chrono::steady_clock::time_point;

    StallClock(std::chrono::milliseconds limit, std::uint64_t bytes_per_second) noexcept;

    /// We are asking from now on: a new window begins.
    void start(Time now) noexcept;
    /// We are not asking: our own side is full.
    void stand() noexcept { begun_.reset(); }
    void count(std::uint64_t bytes, Time now) noexcept;
    /// When the line counts as stalled unless more comes; nothing while we are not asking.
    std::optional<Time> deadline() const noexcept;
    bool is_over(Time now) const noexcept;

private:
    std::chrono::milliseconds limit_;
    std::uint64_t needed_bytes_;
    std::uint64_t gained_bytes_ = 0;
    std::optional<Time> begun_;
};

} // namespace slipway::fetch
