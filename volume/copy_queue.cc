// One mutex: a work is a directory or a thousand entries, so it is rarely taken.

#include "volume/copy_queue.hh"

#include <utility>

namespace slipway::volume {

void CopyQueue::push(CopyWork work) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(work));
        ++unfinished_;
    }
    work_.notify_one();
}

std::optional<CopyWork> CopyQueue::pop() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, stop_.get_token(), [this] { return !waiting_.empty() || unfinished_ == 0; });
    if (stop_.stop_requested() || waiting_.empty()) {
        return std::nullopt;
    }
    CopyWork work = std::move(waiting_.back());
    waiting_.pop_back();
    return work;
}

void CopyQueue::done() {
    bool all = false;
    {
        const std::lock_guard lock(mutex_);
        all = --unfinished_ == 0;
    }
    if (all) {
        work_.notify_all();
        finished_.notify_all();
    }
}

void CopyQueue::fail(std::exception_ptr reason) {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_) {
            failure_ = std::move(reason);
        }
    }
    stop_.request_stop();
}

bool CopyQueue::is_short(std::size_t workers) const {
    const std::lock_guard lock(mutex_);
    return waiting_.size() < workers;
}

bool CopyQueue::wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, stop_.get_token(), patience, [this] { return unfinished_ == 0; });
    return unfinished_ == 0 || stop_.stop_requested();
}

std::exception_ptr CopyQueue::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

} // namespace slipway::volume
