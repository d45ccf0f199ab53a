// Waiting for descriptors in a way that a stop request interrupts.

#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>

#include <poll.h>

namespace slipway {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

/// poll(2) that also wakes when `stop` is requested. Returns how many of `fds` are ready; 0 when
/// the deadline passed.
/// @throws Canceled  stop was requested
std::size_t poll_fds(std::span<pollfd> fds, const std::stop_token& stop, Deadline deadline = {});

/// Waits until one descriptor is ready for `events`; false when the deadline passed.
bool wait_for(int fd, short events, const std::stop_token& stop, Deadline deadline = {});

} // namespace slipway
