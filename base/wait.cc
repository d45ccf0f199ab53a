// poll(2) with an eventfd that a stop_callback sets.

#include "base/wait.hh"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.hh"

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

void Waiter::Wake::operator()() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(eventfd, &one, sizeof one));
}

Waiter::Waiter(std::stop_token stop) : stop_(std::move(stop)) {
    if (!stop_.stop_possible()) {
        return;
    }
    wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) {
        throw errno_error("cannot make an eventfd");
    }
    on_stop_.emplace(stop_, Wake{wake_.get()});
}

std::size_t Waiter::poll(std::span<pollfd> fds, Deadline deadline) {
    if (stop_.stop_requested()) {
        throw Canceled();
    }
    if (!wake_) {
        return poll_until(fds, deadline);
    }
    all_.assign(fds.begin(), fds.end());
    all_.push_back({wake_.get(), POLLIN, 0});
    const std::size_t ready = poll_until(all_, deadline);
    if (stop_.stop_requested()) {
        throw Canceled();
    }
    std::copy_n(all_.begin(), fds.size(), fds.begin());
    return ready;
}

std::size_t poll_fds(std::span<pollfd> fds, const std::stop_token& stop, Deadline deadline) {
    return Waiter(stop).poll(fds, deadline);
}

bool wait_for(int fd, short events, const std::stop_token& stop, Deadline deadline) {
    pollfd one{fd, events, 0};
    return poll_fds({&one, 1}, stop, deadline) > 0;
}

} // namespace slipway
