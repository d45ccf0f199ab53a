// Taking, making and releasing lock files.

#include "storage/lock_file.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::storage {
namespace {

constexpr std::uint64_t kMaxContentBytes = 4096;

// Each round somebody else has released the lock between our open(2) and our fcntl(2).
constexpr int kMaxRounds = 1000;

bool lock_whole(int fd, LockMode mode) {
    struct flock range {};
    range.l_type = mode == LockMode::Exclusive ? F_WRLCK : F_RDLCK;
    range.l_whence = SEEK_SET;
    if (::fcntl(fd, F_OFD_SETLK, &range) == 0) {
        return true;
    }
    if (errno == EAGAIN || errno == EACCES) {
        return false;
    }
    throw errno_error("cannot lock a file");
}

bool names(int directory, const std::string& name, int fd) noexcept {
    struct stat by_name {};
    struct stat by_fd {};
    return ::fstatat(directory, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
           by_name.st_ino == by_fd.st_ino;
}

Fd duplicate(int directory) {
    Fd copy(::fcntl(directory, F_DUPFD_CLOEXEC, 3));
    if (!copy) {
        throw errno_error("cannot duplicate a descriptor");
    }
    return copy;
}

void write_content(int fd, const std::string& name, std::string_view content) {
    if (::write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
        throw errno_error("cannot write the lock file {}", quoted(name));
    }
}

} // namespace

std::optional<LockFile> LockFile::open_and_lock(int directory, std::string name, LockMode mode,
                                                int extra_flags) {
    for (int round = 0; round < kMaxRounds; ++round) {
        Fd file(::openat(directory, name.c_str(),
                         O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | extra_flags,
                         0600));
        if (!file) {
            const bool absent = (errno == ENOENT || errno == ENAMETOOLONG) && extra_flags == 0;
            if (absent || (errno == EEXIST && (extra_flags & O_EXCL) != 0)) {
                return std::nullopt;
            }
            throw errno_error("cannot open the lock file {}", quoted(name));
        }
        if (!lock_whole(file.get(), mode)) {
            return std::nullopt;
        }
        if (names(directory, name, file.get())) {
            return LockFile(duplicate(directory), std::move(name), std::move(file), mode);
        }
    }
    throw Error(Kind::Busy, "the lock file {} is removed as fast as it is made", quoted(name));
}

std::optional<LockFile> LockFile::take(int directory, std::string name, LockMode mode) {
    return open_and_lock(directory, std::move(name), mode, O_CREAT);
}

std::optional<LockFile> LockFile::take_existing(int directory, std::string name, LockMode mode) {
    return open_and_lock(directory, std::move(name), mode, 0);
}

// A sweep may hold the new file for a moment, between our open(2) and our fcntl(2), and unlinks it.
std::optional<LockFile> LockFile::make_visibly(int directory, const std::string& name,
                                               std::string_view content) {
    for (int round = 0; round < kMaxRounds; ++round) {
        std::optional<LockFile> lock =
            open_and_lock(directory, name, LockMode::Exclusive, O_CREAT | O_EXCL);
        if (lock) {
            write_content(lock->file_.get(), name, content);
            return lock;
        }
        ::sched_yield();
    }
    return std::nullopt;
}

std::optional<LockFile> LockFile::make(int directory, std::string name, std::string_view content) {
    Fd file(::openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        return make_visibly(directory, name, content);
    }
    if (!file) {
        throw errno_error("cannot make the lock file {}", quoted(name));
    }
    write_content(file.get(), name, content);
    lock_whole(file.get(), LockMode::Exclusive); // nobody else can have it open
    const std::string path = fmt::format("/proc/self/fd/{}", file.get());
    if (::linkat(AT_FDCWD, path.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW) < 0) {
        if (errno == EEXIST) {
            return std::nullopt;
        }
        if (errno == ENOENT) { // no /proc
            return make_visibly(directory, name, content);
        }
        throw errno_error("cannot name the lock file {}", quoted(name));
    }
    return LockFile(duplicate(directory), std::move(name), std::move(file), LockMode::Exclusive);
}

LockFile::~LockFile() {
    if (!file_) {
        return; // moved from
    }
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    const bool alone =
        mode_ == LockMode::Exclusive || ::fcntl(file_.get(), F_OFD_SETLK, &range) == 0;
    if (alone && still_named()) {
        ::unlinkat(directory_.get(), name_.c_str(), 0);
    }
}

bool LockFile::still_named() const noexcept {
    return names(directory_.get(), name_, file_.get());
}

std::string LockFile::content() const {
    return read_all(file_.get(), kMaxContentBytes);
}

} // namespace slipway::storage
