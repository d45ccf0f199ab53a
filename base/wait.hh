// Waiting for descriptors in a way that a stop request interrupts.

#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include <poll.h>

#include "base/fd.hh"

namespace slipway {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// poll(2) that also wakes when `stop` is requested. Returns how many of `fds` are ready; 0 when
/// the deadline passed.
/// @throws Canceled  stop was requested
std::size_t poll_fds(std::span<pollfd> fds, const std::stop_token& stop, Deadline deadline = {});

/// The same for a loop that waits before every read: what wakes it is made once. One thread.
class Waiter {
public:
    explicit Waiter(std::stop_token stop);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    /// As poll_fds().
    std::size_t poll(std::span<pollfd> fds, Deadline deadline = {});

private:
    struct Wake {
        int eventfd;
        void operator()() const noexcept;
    };

    std::stop_token stop_;
    Fd wake_; ///< an eventfd; none when nobody can ask to stop
    std::optional<std::stop_callback<Wake>> on_stop_;
    std::vector<pollfd> all_;
};

/// Waits until one descriptor is ready for `events`; false when the deadline passed.
bool wait_for(int fd, short events, const std::stop_token& stop, Deadline deadline = {});

} // namespace slipway
