// A bound on the rate: after each piece a pause, as long as the piece may take. libcurl's own
// (CURLOPT_MAX_RECV_SPEED_LARGE) lets a fast line through at fifty times the rate, measured with
// 7.88 and its buffer of 256 KiB.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace slipway::fetch {

class RateLimit {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param bytes_per_second  0: no bound
    explicit RateLimit(std::uint64_t bytes_per_second) noexcept : rate_(bytes_per_second) {}

    void count(std::uint64_t bytes, Time now) noexcept {
        if (rate_ != 0) {
            const double seconds = static_cast<double>(bytes) / static_cast<double>(rate_);
            ready_ = std::max(ready_, now) + std::chrono::duration_cast<Time::duration>(
                                                 std::chrono::duration<double>(seconds));
        }
    }
    /// When the next piece may be taken; nothing when it may be now.
    std::optional<Time> pause(Time now) const noexcept {
        return ready_ > now ? std::optional<Time>(ready_) : std::nullopt;
    }

private:
    std::uint64_t rate_;
    Time ready_{};
};

} // namespace slipway::fetch
