// What dead jobs left behind: hidden names of ours whose lock is free, and the lock files of images
// that nobody holds.

#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/hidden.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "volume/directory.hh"

namespace slipway::storage {
namespace {

// A living job holds this lock on its staging's inode as well, for the case that somebody has
// removed its lock file.
bool is_alive(int pool, const HiddenNames& names) {
    const Fd staging(::openat(pool, names.content.c_str(),
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    return staging && ::flock(staging.get(), LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/// The images that completing a plan changes, locked.
std::vector<ImageLock> lock_images(const Pool& pool, const HiddenNames& names) {
    std::vector<ImageLock> locks;
    const std::optional<Plan> plan = find_plan(pool.fd(), names);
    if (!plan || decision(pool.fd(), names, *plan) != Decision::Decided) {
        return locks;
    }
    if (!plan->name.empty() && (plan->read_only || plan->changes_siblings())) {
        locks.emplace_back(pool, plan->name, LockMode::Exclusive);
    }
    if (!plan->becomes.empty()) {
        locks.emplace_back(pool, plan->becomes, LockMode::Exclusive);
    }
    if (plan->takes_other_name()) {
        locks.emplace_back(pool, plan->old_name, LockMode::Exclusive);
    }
    return locks;
}

/// The images that a job was about, as its lock file says.
std::vector<ImageName> images_of(const LockFile& lock) {
    std::vector<ImageName> names;
    std::istringstream lines(lock.content());
    for (std::string line; std::getline(lines, line);) {
        if (std::optional<ImageName> name = ImageName::if_valid(line)) {
            names.push_back(std::move(*name));
        }
    }
    return names;
}

void sweep_one(const Pool& pool, const HiddenNames& names, Swept& swept) {
    const std::optional<LockFile> lock = LockFile::take(pool.fd(), names.lock, LockMode::Exclusive);
    if (!lock || is_alive(pool.fd(), names)) {
        return;
    }
    const std::vector<ImageLock> images = lock_images(pool, names);
    swept.completed += carry_out_plan(pool, names) ? 1 : 0;
    tidy_locks(pool, names.content); // by its inode, before that is gone
    swept.removed += clear_hidden(pool, names) ? 1 : 0;
    for (const ImageName& name : images_of(*lock)) {
        tidy_locks(pool, name.text());
        tidy_locks(pool, name.text() + ".raw");
    }
}

/// A lock is an empty file; whatever else has such a name is somebody's. One that was made just now
/// its maker is about to lock, and systemd-nspawn does not try twice.
void sweep_lock(const Pool& pool, const std::string& file_name) {
    using std::chrono::system_clock;
    struct stat info {};
    if (::fstatat(pool.fd(), (".#" + file_name + ".lck").c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
        return;
    }
    const bool is_new = info.st_mtim.tv_sec >= system_clock::to_time_t(system_clock::now()) - 1;
    if (S_ISREG(info.st_mode) && info.st_size == 0 && !is_new) {
        tidy_locks(pool, file_name);
    }
}

} // namespace

Swept sweep(const Pool& pool) {
    std::set<std::string> jobs;
    std::vector<std::string> locked;
    for (const volume::DirectoryEntry& entry : volume::all_entries(pool.fd())) {
        if (std::optional<std::string> id = find_job_id(entry.name)) {
            jobs.insert(std::move(*id));
        } else if (std::optional<std::string> file = find_locked_file(entry.name)) {
            locked.push_back(std::move(*file));
        }
    }
    Swept swept;
    for (const std::string& id : jobs) {
        const HiddenNames names(id);
        try {
            sweep_one(pool, names, swept);
        } catch (const std::exception& error) {
            swept.problems.push_back(fmt::format("cannot clear away what a dead job left as {}: {}",
                                                 quoted(names.content), error.what()));
        }
    }
    for (const std::string& file : locked) {
        try {
            sweep_lock(pool, file);
        } catch (const std::exception& error) {
            swept.problems.push_back(fmt::format("cannot clear away the lock file of {}: {}",
                                                 quoted(file), error.what()));
        }
    }
    return swept;
}

} // namespace slipway::storage
