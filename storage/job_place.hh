// A job's place in a pool: its lock, and whatever lies under its hidden names. What lies there when
// the job ends, whether it does so itself or somebody comes after its death, is settled from what
// the disk holds alone.

#pragma once

#include <string>
#include <vector>

#include "storage/hidden.hh"
#include "storage/lock_file.hh"
#include "storage/plan.hh"
#include "storage/pool.hh"

namespace slipway::storage {

/// Completes or undoes the plan of a job, if it has one. The caller holds the job's lock, and the
/// locks of the images that the plan changes. True when it was completed.
/// @throws Error; calling again goes on
bool carry_out_plan(const Pool& pool, const HiddenNames& names);

/// Deletes what a job has left under its hidden names, and then its plan. To be called after
/// carry_out_plan(). True when there was something of an image.
/// @throws Error; calling again goes on
bool clear_hidden(const Pool& pool, const HiddenNames& names);

/// The destructor settles what is left and releases the lock.
class JobPlace {
public:
    /// @param pool        outlives it
    /// @param image_names  whose lock files a sweep tidies up when this process dies
    /// @throws Error Busy: a job with this id is running
    JobPlace(const Pool& pool, const std::string& id, const std::vector<std::string>& image_names);
    ~JobPlace();
    JobPlace(const JobPlace&) = delete;
    JobPlace& operator=(const JobPlace&) = delete;

    const HiddenNames& names() const noexcept { return names_; }
    /// @throws Error Busy: somebody has removed the lock file, so that a sweep could come
    void check() const;
    /// Both steps; what fails is left to the next sweep.
    void settle() noexcept;

private:
    const Pool& pool_;
    HiddenNames names_;
    LockFile lock_;
};

} // namespace slipway::storage
