// Opening never blocks: a fifo without a writer would otherwise hold a cancellation up.

#include "transfer/input.hh"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

struct stat stat_of(const Fd& fd, const std::string& what) {
    struct stat info {};
    if (::fstat(fd.get(), &info) < 0) {
        throw errno_error("cannot look at {}", what);
    }
    return info;
}

void refuse_kind(mode_t mode, const std::string& what) {
    if (S_ISDIR(mode)) {
        throw Error(Kind::Unsupported,
                    "{} is a directory, not a file; import-fs is the verb for a tree", what);
    }
    if (!S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode)) {
        throw Error(Kind::Unsupported, "{} is a device; expected a file or a pipe", what);
    }
}

std::optional<std::uint64_t> bytes_left(const Fd& fd, const struct stat& info) {
    if (!S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    const off_t position = std::max<off_t>(0, ::lseek(fd.get(), 0, SEEK_CUR));
    return static_cast<std::uint64_t>(std::max<off_t>(0, info.st_size - position));
}

std::optional<ModificationTime> modified(const struct stat& info) {
    if (!S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return ModificationTime(std::chrono::seconds(info.st_mtim.tv_sec) +
                            std::chrono::nanoseconds(info.st_mtim.tv_nsec));
}

void make_blocking(const Fd& fd) {
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) < 0) {
        throw errno_error("cannot change a descriptor's mode");
    }
}

} // namespace

Input open_input(const std::filesystem::path& path, const std::stop_token& stop) {
    const std::string what = quoted(path.string());
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        throw errno_error("cannot open {}", what);
    }
    const struct stat info = stat_of(fd, what);
    refuse_kind(info.st_mode, what);
    if (S_ISFIFO(info.st_mode)) {
        wait_for(fd.get(), POLLIN, stop);
    }
    make_blocking(fd);
    static_cast<void>(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL)); // advice only
    const auto left = bytes_left(fd, info);
    return {std::move(fd), left, modified(info)};
}

Input adopt_input(Fd fd) {
    if (!fd) {
        throw Error(Kind::InvalidArgument,
                    "neither a path nor a descriptor says what to import; expected an open file "
                    "as descriptor 3");
    }
    const std::string what = "the descriptor that was passed";
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY) {
        throw Error(Kind::InvalidArgument, "{} is not open for reading", what);
    }
    const struct stat info = stat_of(fd, what);
    refuse_kind(info.st_mode, what);
    const auto left = bytes_left(fd, info);
    return {std::move(fd), left, modified(info)};
}

verify::Library::Answer read_document(const std::filesystem::path& path,
                                      std::uint64_t limit_bytes) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)) {
        return {404, {}, false};
    }
    if (!fd) {
        throw errno_error("cannot open {}", quoted(path.string()));
    }
    const struct stat info = stat_of(fd, quoted(path.string()));
    if (!S_ISREG(info.st_mode)) {
        return {404, {}, false};
    }
    if (static_cast<std::uint64_t>(info.st_size) > limit_bytes) {
        return {200, {}, true};
    }
    return {200, read_all(fd.get(), limit_bytes), false};
}

} // namespace slipway::transfer
