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

LockFile make_lock(const Pool& pool, const HiddenNames& names, const std::string& content) {
    std::optional<LockFile> lock = LockFile::make(pool.fd(), names.lock, content);
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

// Settings of a clone that did not come to be.
void clear_settings(const Pool& pool, const std::string& name) {
    for (const std::filesystem::path& directory : pool.settings_directories()) {
        const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (fd && ::faccessat(fd.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            volume::remove_tree(fd.get(), name);
        }
    }
}

std::string lines(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& one : texts) {
        text += one + "\n";
    }
    return text;
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

bool clear_hidden(const Pool& pool, const HiddenNames& names) {
    bool found = clear(pool.fd(), names.content);
    for (const Sibling kind : kSiblings) {
        found = clear(pool.fd(), names.sibling(suffix(kind))) || found;
    }
    clear(pool.fd(), names.scratch);
    clear_settings(pool, names.sibling(suffix(Sibling::Settings)));
    if (::unlinkat(pool.fd(), names.plan.c_str(), 0) < 0 && errno != ENOENT) {
        throw errno_error("cannot remove the plan {}", quoted(names.plan));
    }
    return found;
}

JobPlace::JobPlace(const Pool& pool, const std::string& id,
                   const std::vector<std::string>& image_names)
    : pool_(pool), names_(id), lock_(make_lock(pool, names_, lines(image_names))) {}

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
        clear_hidden(pool_, names_);
    } catch (const std::exception& error) {
        debug("left to the next sweep: {}", error.what());
    }
}

} // namespace slipway::storage
