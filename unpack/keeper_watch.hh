// The keeper on the other end of the control socket, while the stages of a line are at work.

#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace slipway::unpack {

/// One thread that runs beside the stages until it is destroyed: calls `tell` about ten times a
/// second, and asks `gone` to stop when the keeper says anything more or closes its end.
class KeeperWatch {
public:
    KeeperWatch(std::function<void()> tell, std::stop_source gone);

private:
    void run(std::stop_token stop) noexcept;

    std::function<void()> tell_;
    std::stop_source gone_;
    std::jthread thread_;
};

} // namespace slipway::unpack
