// The plan goes last, since it says what the rest is for.

#include "storage/job_place.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "storage/directory.hh"
#include "storage/remove_tree.hh"

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

} // namespace

bool carry_out_plan(int pool, const HiddenNames& names) {
    const std::optional<Plan> plan = find_plan(pool, names);
    if (!plan) {
        return false;
    }
    switch (decision(pool, names, *plan)) {
    case Decision::Decided:
        complete(pool, names, *plan);
        return true;
    case Decision::Undecided:
        undo(pool, *plan);
        return false;
    case Decision::Neither:
        break;
    }
    return false;
}

bool clear_hidden(int pool, const HiddenNames& names) {
    struct stat info {};
    const bool found = ::fstatat(pool, names.content.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    remove_tree(pool, names.content);
    if (::unlinkat(pool, names.plan.c_str(), 0) < 0 && errno != ENOENT) {
        throw errno_error("cannot remove the plan {}", quoted(names.plan));
    }
    return found;
}

JobPlace::JobPlace(const Pool& pool, const std::string& id, const std::string& image_name)
    : pool_(open_directory(pool.fd(), ".")), names_(id),
      lock_(make_lock(pool, names_, image_name)) {}

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
        carry_out_plan(pool_.get(), names_);
        clear_hidden(pool_.get(), names_);
    } catch (const std::exception& error) {
        debug("left to the next sweep: {}", error.what());
    }
}

} // namespace slipway::storage
