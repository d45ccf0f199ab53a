// Work is taken out before it is done, so that more can be added meanwhile.

#include "jobs/worker.hh"

#include <utility>

namespace slipway::jobs {

void Worker::add(Work work) {
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
    }
    changed_.notify_one();
}

void Worker::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !work_.empty(); })) {
        const Work work = std::move(work_.front());
        work_.pop_front();
        lock.unlock();
        work();
        lock.lock();
    }
}

} // namespace slipway::jobs
