// poll(2) with an eventfd that a stop_callback sets.

#include "base/wait.hh"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"

namespace slipway {
namespace {

int remaining_ms(const Deadline& deadline) {
    using std::chrono::milliseconds;
    if (!deadline) {
        return -1;
    }
    const auto left =
        std::chrono::ceil<milliseconds>(*deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

// poll(2), gone on with after signals; the deadline is looked at anew each time.
std::size_t poll_until(std::span<pollfd> fds, const Deadline& deadline) {
    for (;;) {
        const int wait_ms = remaining_ms(deadline);
        const int ready = ::poll(fds.data(), fds.size(), wait_ms);
        if (ready > 0 || (ready == 0 && remaining_ms(deadline) == 0)) {
            return static_cast<std::size_t>(ready);
        }
        if (ready < 0 && errno != EINTR) {
            throw errno_error("cannot wait for a descriptor");
        }
    }
}

} // namespace

std::size_t poll_fds(std::span<pollfd> fds, const std::stop_token& stop, Deadline deadline) {
    if (stop.stop_requested()) {
        throw Canceled();
    }
    if (!stop.stop_possible()) {
        return poll_until(fds, deadline);
    }
    const Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) {
        throw errno_error("cannot make an eventfd");
    }
    const std::stop_callback on_stop(stop, [&wake]() noexcept {
        const std::uint64_t one = 1;
        static_cast<void>(!::write(wake.get(), &one, sizeof one));
    });
    std::vector<pollfd> all(fds.begin(), fds.end());
    all.push_back({wake.get(), POLLIN, 0});
    const std::size_t ready = poll_until(all, deadline);
    if (stop.stop_requested()) {
        throw Canceled();
    }
    std::copy_n(all.begin(), fds.size(), fds.begin());
    return ready;
}

bool wait_for(int fd, short events, const std::stop_token& stop, Deadline deadline) {
    pollfd one{fd, events, 0};
    return poll_fds({&one, 1}, stop, deadline) > 0;
}

} // namespace slipway
