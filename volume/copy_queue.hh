// What is left of a copy, shared by its workers: last in, first out, so that a tree is walked in
// depth and little of it waits.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "volume/copy_metadata.hh"
#include "volume/directory.hh"

namespace slipway::volume {

/// A directory that is being copied. Known by its path, so that any number can wait without a
/// descriptor each.
struct CopyDirectory {
    std::shared_ptr<CopyDirectory> parent; ///< nothing: it is the root
    std::string path;                      ///< relative to both roots; empty: the root
    Metadata metadata;                     ///< what it gets when all beneath it is there
    std::atomic<std::size_t> pending{1};   ///< works and directories that it waits for
};

/// What a worker does at a time.
struct CopyWork {
    std::shared_ptr<CopyDirectory> directory;
    /// To be copied; nothing: the directory has to be read first.
    std::optional<std::vector<DirectoryEntry>> entries;
};

class CopyQueue {
public:
    /// Stopped from outside, it throws nothing away: workers see token().
    explicit CopyQueue(const std::stop_token& stop) : on_stop_(stop, PassOn{stop_}) {}

    std::stop_token token() const noexcept { return stop_.get_token(); }

    void push(CopyWork work);
    /// Waits for work; nothing when all is done, or was stopped.
    std::optional<CopyWork> pop();
    /// What was popped last by the calling worker is done.
    void done();
    /// Stops everything; the first reason is kept.
    void fail(std::exception_ptr reason);
    /// Whether fewer works wait than `workers` could take.
    bool is_short(std::size_t workers) const;

    /// Waits until all is done or stopped; false after `patience`.
    bool wait(std::chrono::milliseconds patience);
    /// The first reason to fail.
    std::exception_ptr failure() const;

private:
    struct PassOn {
        std::stop_source& stop;
        void operator()() const noexcept { stop.request_stop(); }
    };

    mutable std::mutex mutex_;
    std::condition_variable_any work_;     ///< for workers
    std::condition_variable_any finished_; ///< for who waits for them
    std::vector<CopyWork> waiting_;
    std::size_t unfinished_ = 0;
    std::exception_ptr failure_;
    std::stop_source stop_;
    std::stop_callback<PassOn> on_stop_;
};

} // namespace slipway::volume
