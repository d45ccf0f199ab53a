// getdents64(2) into values: the order, and what is skipped, are the caller's business.

#include "volume/directory.hh"

#include <array>
#include <cerrno>
#include <climits>
#include <limits>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::volume {
namespace {

Fd resolve(int parent, const std::string& path, std::uint64_t flags,
           std::uint64_t how_to) noexcept {
    open_how how{};
    // openat2(2) refuses what makes no sense beside O_PATH.
    how.flags = flags | O_CLOEXEC | O_NOFOLLOW;
    how.flags |= (flags & O_PATH) != 0 ? 0U : unsigned{O_NONBLOCK | O_NOCTTY};
    how.resolve = how_to | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(
        ::syscall(SYS_openat2, parent, path.empty() ? "." : path.c_str(), &how, sizeof how)));
}

// Of less than PATH_MAX bytes.
Fd open_short(int parent, const std::string& path, std::uint64_t flags) noexcept {
    return resolve(parent, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

} // namespace

Fd open_directory(int parent, const std::string& name) {
    Fd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open the directory {}", quoted(name));
    }
    return fd;
}

void sync_directory(int directory, const std::string& which) {
    if (::fsync(directory) < 0) {
        throw errno_error("cannot sync the directory {}", which);
    }
}

Fd open_beneath(int parent, const std::string& path, std::uint64_t flags) noexcept {
    Fd step;
    std::string_view rest = path;
    while (rest.size() >= PATH_MAX) {
        const std::size_t end = rest.rfind('/', PATH_MAX - 1);
        if (end == rest.npos) {
            errno = ENAMETOOLONG;
            return Fd();
        }
        step = open_short(step ? step.get() : parent, std::string(rest.substr(0, end)),
                          O_PATH | O_DIRECTORY);
        if (!step) {
            return Fd();
        }
        rest.remove_prefix(end + 1);
    }
    return open_short(step ? step.get() : parent, std::string(rest), flags);
}

Fd open_in_root(int root, const std::string& path, std::uint64_t flags) noexcept {
    return resolve(root, path, flags, RESOLVE_IN_ROOT);
}

std::vector<DirectoryEntry> read_entries(int directory, std::size_t limit) {
    if (::lseek(directory, 0, SEEK_SET) < 0) {
        throw errno_error("cannot rewind a directory");
    }
    return next_entries(directory, limit);
}

std::vector<DirectoryEntry> next_entries(int directory, std::size_t limit) {
    std::vector<DirectoryEntry> entries;
    alignas(dirent64) std::array<char, 32 * 1024> buffer;
    while (entries.size() < limit) {
        const ssize_t size = ::getdents64(directory, buffer.data(), buffer.size());
        if (size < 0) {
            throw errno_error("cannot read a directory");
        }
        if (size == 0) {
            break;
        }
        for (ssize_t at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
            const std::string name = static_cast<const char*>(entry->d_name);
            if (name != "." && name != "..") {
                entries.push_back({name, entry->d_ino, entry->d_type});
            }
            at += entry->d_reclen;
        }
    }
    return entries;
}

std::vector<DirectoryEntry> all_entries(int directory) {
    const Fd own = open_directory(directory, ".");
    return read_entries(own.get(), std::numeric_limits<std::size_t>::max());
}

} // namespace slipway::volume
