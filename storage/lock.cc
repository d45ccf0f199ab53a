// The protocol of systemd's image_path_lock() and image_name_lock().

#include "storage/lock.hh"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/lock_holder.hh"
#include "storage/searched.hh"

namespace slipway::storage {
namespace {

constexpr const char* kLocks = "/run/systemd/nspawn/locks";

// Each round the image was exchanged between our look at it and our lock on its inode.
constexpr int kMaxRounds = 100;

// How often a lock is tried whose holder cannot be found.
constexpr int kMaxLooks = 5;

/// The directory of the global locks; empty where we cannot have one.
Fd open_global_locks() {
    ::mkdir("/run/systemd", 0755);
    ::mkdir("/run/systemd/nspawn", 0755);
    ::mkdir(kLocks, 0700);
    Fd fd(::open(kLocks, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd && ::faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) < 0) {
        return Fd();
    }
    return fd;
}

/// The name of the global lock of what `file_name` leads to; empty when it leads nowhere.
std::string global_name(const Pool& pool, const std::string& file_name) {
    struct stat info {};
    if (::fstatat(pool.fd(), file_name.c_str(), &info, 0) < 0) {
        return {};
    }
    if (S_ISBLK(info.st_mode)) {
        return fmt::format("block-{}:{}", major(info.st_rdev), minor(info.st_rdev));
    }
    return fmt::format("inode-{}:{}", info.st_dev, info.st_ino);
}

/// Takes a lock or says who holds it. A sweep takes locks for an instant to tidy up: so when nobody
/// is found to hold it, it is tried again.
LockFile take_or_name_holder(int directory, const std::string& lock_name, LockMode mode,
                             const std::string& what) {
    std::optional<std::string> holder;
    for (int round = 0; !holder && round < kMaxLooks; ++round) {
        if (std::optional<LockFile> lock = LockFile::take(directory, lock_name, mode)) {
            return std::move(*lock);
        }
        holder = find_lock_holder(directory, lock_name);
    }
    throw Error(Kind::Busy, "{} is in use by {}; nothing was changed", what,
                holder.value_or("a process that cannot be seen from here"));
}

std::string local_name(const std::string& file_name) {
    std::string name = ".#" + file_name + ".lck";
    if (name.size() > NAME_MAX) {
        throw Error(Kind::InvalidArgument,
                    "{} is too long: its lock file would have more than {} bytes in its name",
                    quoted(file_name), NAME_MAX);
    }
    return name;
}

// On a read-only file system nobody changes the image: a shared lock is not needed.
std::optional<LockFile> take_local(const Pool& pool, const std::string& file_name, LockMode mode) {
    const std::string name = local_name(file_name);
    if (mode == LockMode::Shared && pool.file_system().read_only) {
        return std::nullopt;
    }
    return take_or_name_holder(pool.fd(), name, mode, "image " + quoted(file_name));
}

std::optional<LockFile> take_global(const Pool& pool, const std::string& file_name, LockMode mode) {
    const Fd locks = open_global_locks();
    for (int round = 0; round < kMaxRounds; ++round) {
        const std::string name = global_name(pool, file_name);
        if (name.empty() || !locks) {
            return std::nullopt;
        }
        LockFile lock = take_or_name_holder(locks.get(), name, mode, "image " + quoted(file_name));
        if (global_name(pool, file_name) == name) {
            return lock;
        }
    }
    throw Error(Kind::Busy, "{} is exchanged as fast as it is locked; nothing was changed",
                quoted(file_name));
}

} // namespace

ImageLock::ImageLock(const Pool& pool, const std::string& file_name, LockMode mode)
    : file_name_(file_name), local_(take_local(pool, file_name, mode)),
      global_(take_global(pool, file_name, mode)) {}

void ImageLock::check() const {
    for (const std::optional<LockFile>* lock : {&local_, &global_}) {
        if (*lock && !(*lock)->still_named()) {
            throw Error(Kind::Busy,
                        "the lock file {} of {} was removed by somebody while it was held, so the "
                        "image may be in use; nothing was changed",
                        quoted((*lock)->name()), quoted(file_name_));
        }
    }
}

// Their exclusive holder would have unlinked them; whoever gets the lock may do it for him.
void tidy_locks(const Pool& pool, const std::string& file_name) {
    LockFile::take_existing(pool.fd(), ".#" + file_name + ".lck", LockMode::Exclusive);
    const Fd locks(::open(kLocks, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::string global = global_name(pool, file_name);
    if (locks && !global.empty()) {
        LockFile::take_existing(locks.get(), global, LockMode::Exclusive);
    }
}

NameLock::NameLock(const Pool& pool, const ImageName& name) {
    if (!is_searched(pool.fd())) {
        return;
    }
    const Fd locks = open_global_locks();
    const std::string lock_name = "name-" + name.text();
    if (!locks || lock_name.size() > NAME_MAX) {
        return;
    }
    file_.emplace(take_or_name_holder(locks.get(), lock_name, LockMode::Exclusive,
                                      "the name " + quoted(name.text())));
}

} // namespace slipway::storage
