// Who may end a job from outside: the end of the request's descriptor, and signals.

#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

#include "base/fd.hh"

namespace slipway::transfer {

/// Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and those it starts, so that they are
/// only read here, by a thread of its own. Made before any other thread.
class CancelWatch {
public:
    /// @param request  after its one line; its end means: cancel, unless it is a file, which tells
    ///                 nothing of whoever wrote it. Borrowed
    explicit CancelWatch(int request);
    ~CancelWatch();
    CancelWatch(const CancelWatch&) = delete;
    CancelWatch& operator=(const CancelWatch&) = delete;

    std::stop_token token() const noexcept { return stop_.get_token(); }
    /// The signal that asked to stop; 0 when none did.
    int signal() const noexcept { return signal_.load(); }

private:
    void watch(const std::stop_token& ended);
    bool take_signal();
    bool request_ended();

    int request_;
    Fd signals_;
    std::stop_source stop_;
    std::atomic<int> signal_{0};
    std::jthread thread_;
};

} // namespace slipway::transfer
