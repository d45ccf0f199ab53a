// /run/slipway/jobs/ID: what is known of one running job, kept apart from the daemon's life.
//   job     the job as it was started, JSON, for a daemon that has lost its queue
//   events  what the keeper said, a line each; locked by it while it lives
//   seen    how many bytes of events observers have heard of
//   errors  the keeper's standard error

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "jobs/stored_job.hh"

namespace slipway::jobs {

class JobDirectory {
public:
    /// Makes it anew, 0700; what an earlier attempt of the job left there is removed.
    /// @param runtime  /run/slipway
    /// @throws Error
    static JobDirectory make(const std::filesystem::path& runtime, const std::string& id,
                             const StoredJob& job);
    /// Those that are there, in no order.
    static std::vector<JobDirectory> find_all(const std::filesystem::path& runtime);

    const std::string& id() const noexcept { return id_; }
    /// As it was started; nothing when it cannot be read.
    std::optional<StoredJob> job() const;

    /// Makes the file of events, locked; for the keeper, which then holds the lock.
    /// @throws Error
    Fd make_events() const;
    /// For the keeper's standard error, to append to.
    Fd make_errors() const;
    /// For reading; nothing when there is none.
    Fd open_events() const;
    /// Whether the keeper lives: somebody holds the lock.
    static bool is_locked(int events);

    std::uint64_t seen() const;
    void set_seen(std::uint64_t bytes) const;
    /// Gives the memory of these bytes of the events back; they read as zeros from then on.
    void give_back(std::uint64_t from, std::uint64_t to) const noexcept;
    /// The end of what the keeper said on standard error.
    std::string errors() const;

    /// With all that is in it. What cannot be removed stays.
    static void remove(const std::filesystem::path& runtime, const std::string& id) noexcept;

private:
    JobDirectory(Fd fd, std::string id);
    Fd fd_;
    std::string id_;
};

} // namespace slipway::jobs
