// What ends slipway-check when nobody waits for it any more, or when the engine hangs.

#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

namespace slipway::check {

/// A thread that ends the whole process group, which takes the engine along, when the keeper closes
/// its end of the control socket. Where /tmp is the host's (no namespaces), the engine's home goes
/// first.
class EngineWatch {
public:
    /// @param patience  how long the engine may rest while there is something to read for it, or
    ///                  after the last byte; 0: for ever. Then the keeper is told and all of it
    ///                  ended.
    EngineWatch(int control, std::chrono::milliseconds patience);

    void set_home(const std::filesystem::path& home);

    /// Around each wait for the statement's next bytes, in which nobody asks the engine for
    /// anything.
    void begin_wait() noexcept;
    void end_wait() noexcept;

private:
    using Clock = std::chrono::steady_clock;

    void run(int control, const std::stop_token& stop);
    Clock::duration rested() const noexcept;

    std::chrono::milliseconds patience_;
    std::atomic<bool> waiting_{false};
    std::atomic<Clock::rep> since_; ///< when the engine was given something last
    std::mutex mutex_;              ///< of `home_`
    std::filesystem::path home_;
    std::jthread thread_; // last: ends before what it uses
};

} // namespace slipway::check
