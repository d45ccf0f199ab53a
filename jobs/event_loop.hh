// The daemon's one loop, over sd-event(3): descriptors, signals, times, changes of files, and work
// that other threads hand over. Callbacks run on the thread that runs the loop; an exception that
// leaves one ends the loop and comes out of run().

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/wait.hh"

namespace slipway::jobs {

/// Something that the loop watches, as long as this lives.
class Watch {
public:
    struct Parts; ///< what its callback needs; the loop's business
    Watch() noexcept;
    explicit Watch(std::unique_ptr<Parts> parts) noexcept;
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;
    ~Watch();
    explicit operator bool() const noexcept { return parts_ != nullptr; }

private:
    std::unique_ptr<Parts> parts_;
};

/// What an event source of another library waits for just now.
struct Wanted {
    int fd = -1;
    std::uint32_t events = 0; ///< EPOLLIN, EPOLLOUT
    Deadline deadline;
};

class EventLoop {
public:
    using Callback = std::function<void()>;

    EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    /// @param fd      borrowed
    /// @param events  EPOLLIN, EPOLLOUT
    Watch on_ready(int fd, std::uint32_t events, Callback callback);
    /// Blocks the signal, in this thread and those it starts, and takes it here.
    Watch on_signal(int signal, Callback callback);
    /// Once, after that time.
    Watch after(std::chrono::microseconds delay, Callback callback);
    /// When the file behind `fd` is written, or a description that could write it is closed.
    Watch on_change(int fd, Callback callback);
    /// Another library's source: `wanted` is asked before each wait, `dispatch` called when what it
    /// wanted is there.
    Watch on_source(std::function<Wanted()> wanted, Callback dispatch);
    /// Runs it in the loop, soon and in the order of the calls. From any thread.
    void post(Callback callback);

    /// Tells the service manager's watchdog that we live, where it asks for that (sd_notify(3)).
    void keep_watchdog();

    /// Until exit() is called.
    void run();
    void exit() noexcept;

    struct State; ///< the loop's business

private:
    std::unique_ptr<State> state_;
};

} // namespace slipway::jobs
