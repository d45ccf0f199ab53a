// What a Staging holds. storage/staging.cc makes it, storage/commit.cc ends it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "storage/target.hh"

namespace slipway::storage {

struct Staging::State {
    State(const Pool& the_pool, StagingSpec the_spec);
    ~State() { place.settle(); } // while the locks of the images are still held
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// The image to be replaced, locked as it is now; nothing when the name is free.
    /// @throws Error Exists, Busy, Denied
    std::optional<Target> claim_target();

    // The steps of commit().
    void store(const Provenance& provenance);
    void mark_subvolume();
    void sync();
    void publish();
    void finish();

    const Pool& pool;
    StagingSpec spec;
    std::vector<std::string> notes;
    JobPlace place;
    NameLock name_lock;
    std::optional<ImageLock> image_lock; ///< of the name, and of the inode it leads to
    std::optional<ImageLock> raw_lock;   ///< of NAME.raw when that is the image to be replaced
    std::string locked;                  ///< identity of the image that the locks are for
    ImageType type = ImageType::Directory;
    bool holds_origin = false; ///< else notes has told that it may be lost
    Fd root;
    Fd living; ///< holds the lock by which a sweep knows us even without our lock file

private:
    void make_root();
    void probe_root();
    bool try_to_publish();
};

} // namespace slipway::storage
