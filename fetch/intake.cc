// Handing on what arrives.

#include "fetch/intake.hh"

#include <utility>

#include <fmt/format.h>

#include "base/size.hh"

namespace slipway::fetch {
namespace {

using Clock = std::chrono::steady_clock;

// The body of an error page is read on, so that the connection can be used again, up to this.
constexpr std::size_t kMaxUnwantedBytes = 64 * KiB;

} // namespace

Intake::Intake(const Settings& settings, Receiver& receiver)
    : settings_(settings), receiver_(receiver),
      clock_(settings.stall_timeout, settings.stall_bytes), rate_(settings.rate_bytes) {}

// A C library must not see an exception.
template <typename Work>
Intake::Next Intake::guarded(Work work) noexcept {
    try {
        return work();
    } catch (...) {
        thrown_ = std::current_exception();
        return Next::Stop;
    }
}

Intake::Next Intake::header(std::string_view line) noexcept {
    return guarded([&] {
        if (header_.add(line)) {
            clock_.start(Clock::now());
            wanted_ = receiver_.on_header(header_.response());
        }
        return Next::On;
    });
}

Intake::Next Intake::body(std::string_view data) noexcept {
    return guarded([&] { return take(data); });
}

Intake::Next Intake::take(std::string_view data) {
    if (!wanted_) {
        unwanted_bytes_ += data.size();
        return unwanted_bytes_ > kMaxUnwantedBytes ? Next::Stop : Next::On;
    }
    const auto now = Clock::now();
    if (rate_.pause(now) || !receiver_.on_body(as_bytes(data))) {
        paused_ = true;
        clock_.stand();
        return Next::Pause;
    }
    clock_.count(data.size(), now);
    rate_.count(data.size(), now);
    return Next::On;
}

void Intake::asked() noexcept {
    clock_.start(Clock::now());
}

void Intake::resume() noexcept {
    paused_ = false;
    clock_.start(Clock::now());
}

void Intake::rethrow() {
    if (thrown_) {
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
}

bool Intake::may_resume() const {
    return receiver_.has_room() && !rate_.pause(Clock::now());
}

std::optional<StallClock::Time> Intake::deadline() const {
    if (!paused_) {
        return clock_.deadline();
    }
    if (!receiver_.has_room()) {
        return std::nullopt;
    }
    const auto now = Clock::now();
    return rate_.pause(now).value_or(now);
}

bool Intake::is_stalled() const noexcept {
    return clock_.is_over(Clock::now());
}

std::string Intake::stall_reason() const {
    const std::string time = format_duration(settings_.stall_timeout);
    return answered() ? fmt::format("fewer than {} bytes a second came for {}",
                                    settings_.stall_bytes, time)
                      : fmt::format("no complete header came within {}", time);
}

} // namespace slipway::fetch
