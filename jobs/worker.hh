// A thread that does, one after the other, what the loop must not wait for.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace slipway::jobs {

/// The destructor lets what was handed over be done first.
class Worker {
public:
    /// Must not throw: there is nobody who could take it.
    using Work = std::function<void()>;

    Worker() : thread_([this](const std::stop_token& stop) { run(stop); }) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() = default;

    /// From any thread.
    void add(Work work);

private:
    void run(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Work> work_; ///< guarded by mutex_
    std::jthread thread_;   ///< last: it uses all of the above
};

} // namespace slipway::jobs
