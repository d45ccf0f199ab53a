// A block is handed to a thread by pointer and comes back the same way. Two blocks for each thread
// are on their way at most, which is all the memory that is used.

#include "stream/block_encoder.hh"

#include <algorithm>
#include <cassert>
#include <utility>

namespace slipway::stream {

BlockEncoder::BlockEncoder(Sink& next, std::unique_ptr<BlockPacker> packer, unsigned threads)
    : next_(next), packer_(std::move(packer)), max_threads_(std::max(threads, 1U)) {}

BlockEncoder::~BlockEncoder() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    waiting_.notify_all();
}

std::span<std::byte> BlockEncoder::room() {
    if (!filling_) {
        if (spare_.empty()) {
            filling_ = std::make_unique<Job>();
            filling_->block.resize(packer_->block_bytes());
        } else {
            filling_ = std::move(spare_.back());
            spare_.pop_back();
        }
    }
    return std::span(filling_->block).subspan(filling_->size);
}

void BlockEncoder::advance(std::size_t size) {
    assert(filling_ || size == 0);
    if (size == 0) {
        return;
    }
    filling_->size += size;
    if (filling_->size == filling_->block.size()) {
        submit(false);
    }
}

void BlockEncoder::finish() {
    room(); // the last block may be empty
    submit(true);
    while (!jobs_.empty()) {
        pass_on_oldest();
    }
    packer_->end(next_);
    next_.finish();
}

void BlockEncoder::submit(bool last) {
    if (jobs_.size() >= 2 * max_threads_) {
        pass_on_oldest();
    }
    filling_->last = last;
    Job* job = jobs_.emplace_back(std::move(filling_)).get();
    if (const std::size_t kept = packer_->context_bytes(); kept != 0 && !last) {
        const auto end = job->block.begin() + static_cast<std::ptrdiff_t>(job->size);
        room();
        filling_->before.assign(end - static_cast<std::ptrdiff_t>(std::min(kept, job->size)), end);
    }
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(job);
    }
    waiting_.notify_one();
    if (threads_.size() < std::min(max_threads_, jobs_.size())) {
        threads_.emplace_back([this] { work(); });
    }
}

void BlockEncoder::pass_on_oldest() {
    Job& oldest = *jobs_.front();
    {
        std::unique_lock lock(mutex_);
        packed_.wait(lock, [&oldest] { return oldest.done; });
    }
    if (oldest.failure) {
        std::rethrow_exception(std::exchange(oldest.failure, nullptr));
    }
    if (!std::exchange(begun_, true)) {
        packer_->begin(next_);
    }
    packer_->add(oldest.packed, next_);
    oldest.done = false;
    oldest.size = 0;
    oldest.before.clear();
    spare_.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
}

void BlockEncoder::work() {
    for (;;) {
        Job* job = nullptr;
        {
            std::unique_lock lock(mutex_);
            waiting_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) {
                return;
            }
            job = queue_.front();
            queue_.pop_front();
        }
        try {
            job->packed = packer_->pack(job->before, Bytes(job->block).first(job->size), job->last);
        } catch (...) { // it crosses to the thread that waits for the block
            job->failure = std::current_exception();
        }
        {
            const std::lock_guard lock(mutex_);
            job->done = true;
        }
        packed_.notify_one();
    }
}

} // namespace slipway::stream
