// The queue's thread: changes are handed over by the loop, committed together with whatever else
// waits, and answered in the loop once they are on disk.

#pragma once

#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "jobs/event_loop.hh"
#include "jobs/queue_file.hh"
#include "jobs/worker.hh"

namespace slipway::jobs {

class Queue {
public:
    /// What is done to the file, on the queue's thread, within a transaction.
    using Change = std::function<void(QueueFile&)>;
    /// On the loop's thread. Without an error it is on disk.
    using Done = std::function<void(std::exception_ptr error)>;

    /// @param file  moved to the queue's thread
    Queue(EventLoop& loop, std::unique_ptr<QueueFile> file);
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    /// Commits what waits; `done` of it is not called any more.
    ~Queue();

    /// In the order of the calls. When one of the changes that are committed together fails, each
    /// is tried alone.
    void change(Change change, Done done);
    /// For a job that has ended.
    void put(StoredJob job, Done done);

private:
    struct Item {
        Change change;
        Done done;
    };
    void commit_waiting();
    void commit(std::vector<Item>& items);
    void commit_alone(Item& item);
    void answer(Item& item, std::exception_ptr error);

    EventLoop& loop_;
    std::unique_ptr<QueueFile> file_; ///< the queue's thread alone
    std::mutex mutex_;
    std::vector<Item> waiting_;                                  ///< guarded by mutex_
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< the loop's thread alone
    Worker worker_;                                              ///< last: it uses all of the above
};

} // namespace slipway::jobs
