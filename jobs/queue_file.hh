// The queue and the history on disk: /var/lib/slipway/queue.db. The only door to SQLite. Live jobs
// carry their request, secrets included; when one ends they are erased from the file.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jobs/service.hh"
#include "jobs/stored_job.hh"

namespace slipway::jobs {

/// One thread at a time. Every change is on disk when commit() returns (write-ahead log,
/// synchronous=FULL).
class QueueFile {
public:
    /// Opens the file, or makes it (0600; its directory 0700). A file that is damaged, no database,
    /// or of a newer version is set aside under another name beside it, and a new one is made.
    /// @throws Error  NoSpace, Denied … : it can be neither read nor made just now
    explicit QueueFile(const std::filesystem::path& path);
    ~QueueFile();
    QueueFile(const QueueFile&) = delete;
    QueueFile& operator=(const QueueFile&) = delete;

    /// For people: what was set aside, where to, and why; empty when nothing was.
    const std::string& note() const noexcept { return note_; }

    /// Jobs that have not ended, by number.
    std::vector<StoredJob> live();
    /// Larger than every number that was ever given in this file; from 1.
    std::uint32_t next_number();
    /// Ended jobs, newest first.
    std::vector<transfer::JobRecord> history(const HistoryQuery& query);

    void begin();
    void commit();
    void rollback() noexcept;

    /// Writes a job, new or known; an ended one becomes history and loses its request.
    void put(const StoredJob& job);
    /// Forgets the oldest ended jobs beyond that many.
    void trim(unsigned keep);

private:
    struct State;
    void open(const std::filesystem::path& path);
    void prepare();

    std::unique_ptr<State> state_;
    std::string note_;
};

} // namespace slipway::jobs
