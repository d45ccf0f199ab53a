// Samples closer than a tenth of a second replace each other, so that the window holds at most
// some fifty.

#include "transfer/rate_meter.hh"

namespace slipway::transfer {

void RateMeter::add(Time now, std::uint64_t total_bytes) {
    constexpr std::chrono::milliseconds kApart{100};
    if (samples_.size() > 1 && now - samples_[samples_.size() - 2].time < kApart) {
        samples_.back() = {now, total_bytes};
    } else {
        samples_.push_back({now, total_bytes});
    }
    while (samples_.size() > 2 && now - samples_[1].time >= kWindow) {
        samples_.pop_front();
    }
}

std::uint64_t RateMeter::rate() const noexcept {
    if (samples_.size() < 2) {
        return 0;
    }
    const std::chrono::duration<double> span = samples_.back().time - samples_.front().time;
    const auto bytes =
        static_cast<double>(samples_.back().total_bytes - samples_.front().total_bytes);
    return span.count() > 0 ? static_cast<std::uint64_t>(bytes / span.count()) : 0;
}

} // namespace slipway::transfer
