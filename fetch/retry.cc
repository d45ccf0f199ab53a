// The tables of patience.

#include "fetch/retry.hh"

#include <algorithm>
#include <array>
#include <charconv>

#include "fetch/response.hh"

namespace slipway::fetch {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool is_retried(Trouble trouble, bool answered_before) noexcept {
    switch (trouble) {
    case Trouble::None:
    case Trouble::Lasting:
        return false;
    case Trouble::Unreachable:
        return answered_before;
    case Trouble::Cut:
    case Trouble::Stalled:
    case Trouble::Busy:
        return true;
    }
    return false;
}

bool is_busy(int status) noexcept {
    return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

milliseconds retry_delay(unsigned attempt, milliseconds first_step,
                         std::optional<seconds> retry_after) {
    constexpr std::array kMultiples{1, 2, 4, 8, 16, 30};
    constexpr seconds kLongest{120};
    const std::size_t index = std::clamp<std::size_t>(attempt, 1, kMultiples.size()) - 1;
    const auto asked = std::clamp(retry_after.value_or(seconds(0)), seconds(0), kLongest);
    return first_step * std::max<std::int64_t>(kMultiples.at(index), asked.count());
}

std::optional<seconds> parse_retry_after(std::string_view text, std::string_view date) {
    constexpr std::int64_t kDay = 24L * 60 * 60; // more is cut anyway, and cannot overflow
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc() && end == text.data() + text.size() && count >= 0) {
        return seconds(std::min(count, kDay));
    }
    const auto then = parse_http_date(text);
    const auto now = parse_http_date(date);
    if (!then || !now || *then < *now) {
        return std::nullopt;
    }
    return std::min(*then - *now, seconds(kDay));
}

} // namespace slipway::fetch
