// The plan goes last, since it says what the rest is for.

#include "storage/job_place.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "storage/sibling.hh"
#include "volume/remove_tree.hh"

namespace slipway::storage {
namespace {

LockFile make_lock(const Pool& pool, const HiddenNames& names, const std::string& image_name) {
    std::optional<LockFile> lock = LockFile::make(pool.fd(), names.lock, image_name + "\n");
    if (!lock) {
        throw Error(Kind::Busy, "a job with the same number is at work in the pool {}: {}",
                    quoted(pool.path().string()), quoted(names.lock));
    }
    return std::move(*lock);
}

bool clear(int pool, const std::string& name) {
    struct stat info {};
    const bool found = ::fstatat(pool, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    volume::remove_tree(pool, name);
    return found;
}

} // namespace

bool carry_out_plan(const Pool& pool, const HiddenNames& names) {
    const std::optional<Plan> plan = find_plan(pool.fd(), names);
    if (!plan) {
        return false;
    }
    switch (decision(pool.fd(), names, *plan)) {
    case Decision::Decided:
        complete(pool, names, *plan);
        return true;
    case Decision::Undecided:
        undo(pool.fd(), *plan);
        return false;
    case Decision::Neither:
        break;
    }
    return false;
}

bool clear_hidden(int pool, const HiddenNames& names) {
    bool found = clear(pool, names.content);
    for (const Sibling kind : kSiblings) {
        found = clear(pool, names.sibling(suffix(kind))) || found;
    }
    clear(pool, names.scratch);
    if (::unlinkat(pool, names.plan.c_str(), 0) < 0 && errno != ENOENT) {
        throw errno_error("cannot remove the plan {}", quoted(names.plan));
    }
    return found;
}

JobPlace::JobPlace(const Pool& pool, const std::string& id, const std::string& image_name)
    : pool_(pool), names_(id), lock_(make_lock(pool, names_, image_name)) {}

JobPlace::~JobPlace() {
    settle();
}

void JobPlace::check() const {
    if (!lock_.still_named()) {
        throw Error(Kind::Busy,
                    "the lock file {} was removed by somebody while it was held; nothing was "
                    "changed",
                    quoted(names_.lock));
    }
}

void JobPlace::settle() noexcept {
    try {
        carry_out_plan(pool_, names_);
        clear_hidden(pool_.fd(), names_);
    } catch (const std::exception& error) {
        debug("left to the next sweep: {}", error.what());
    }
}

} // namespace slipway::storage
