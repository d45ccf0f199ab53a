// Two hundred jobs that come at once are a handful of transactions: what gathers while one is
// synced goes into the next.

#include "jobs/queue.hh"

#include <utility>

namespace slipway::jobs {

Queue::Queue(EventLoop& loop, std::unique_ptr<QueueFile> file)
    : loop_(loop), file_(std::move(file)) {}

Queue::~Queue() {
    *alive_ = false;
}

void Queue::change(Change change, Done done) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = waiting_.empty();
        waiting_.push_back({std::move(change), std::move(done)});
    }
    if (first) {
        worker_.add([this] { commit_waiting(); });
    }
}

void Queue::put(StoredJob job, Done done) {
    change([job = std::move(job)](QueueFile& file) { file.put(job); }, std::move(done));
}

void Queue::commit_waiting() {
    std::vector<Item> items;
    {
        const std::lock_guard lock(mutex_);
        items.swap(waiting_);
    }
    try {
        commit(items);
    } catch (...) {
        file_->rollback();
        for (Item& item : items) {
            commit_alone(item);
        }
        return;
    }
    for (Item& item : items) {
        answer(item, nullptr);
    }
}

void Queue::commit(std::vector<Item>& items) {
    file_->begin();
    for (Item& item : items) {
        item.change(*file_);
    }
    file_->commit();
}

void Queue::commit_alone(Item& item) {
    try {
        file_->begin();
        item.change(*file_);
        file_->commit();
        answer(item, nullptr);
    } catch (...) {
        const std::exception_ptr error = std::current_exception();
        file_->rollback();
        answer(item, error);
    }
}

void Queue::answer(Item& item, std::exception_ptr error) {
    if (item.done) {
        loop_.post([alive = alive_, done = std::move(item.done), error = std::move(error)] {
            if (*alive) {
                done(error);
            }
        });
    }
}

} // namespace slipway::jobs
