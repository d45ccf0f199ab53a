// ^] three times within a second, as with machinectl login: the way out of a terminal whose other
// keys all mean something inside.

#pragma once

#include <chrono>
#include <string_view>

namespace slipway::cli {

class DetachKey {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// How much of `typed` is to be passed on: less than all of it when it was pressed in it.
    std::size_t passed_on(std::string_view typed, Time now) noexcept;

private:
    int count_ = 0;
    Time first_{};
};

} // namespace slipway::cli
