// statx(2), openat2(2), readlinkat(2).

#include "volume/copy_source.hh"

#include <cerrno>
#include <climits>
#include <utility>

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.hh"
#include "volume/directory.hh"

namespace slipway::volume {
namespace {

std::optional<struct statx> find(int directory, const char* name, int flags) {
    struct statx info {};
    if (::statx(directory, name, flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
                &info) == 0) {
        return info;
    }
    if (errno != ENOENT) {
        throw errno_error("cannot look at it");
    }
    return std::nullopt;
}

} // namespace

std::optional<struct statx> find_entry(int directory, const std::string& name) {
    return find(directory, name.c_str(), 0);
}

struct statx look_at(int fd) {
    return find(fd, "", AT_EMPTY_PATH).value();
}

InodeId id_of(const struct statx& info) noexcept {
    return {makedev(info.stx_dev_major, info.stx_dev_minor), info.stx_ino};
}

bool is_mount_point(const struct statx& info) noexcept {
    return (info.stx_attributes & (STATX_ATTR_MOUNT_ROOT | STATX_ATTR_AUTOMOUNT)) != 0;
}

bool is_same_version(const struct statx& a, const struct statx& b) noexcept {
    return a.stx_size == b.stx_size && a.stx_mtime.tv_sec == b.stx_mtime.tv_sec &&
           a.stx_mtime.tv_nsec == b.stx_mtime.tv_nsec;
}

Fd open_quietly(int directory, const std::string& path, int flags) noexcept {
    const auto open = [&](int more) {
        return open_beneath(directory, path, static_cast<unsigned>(O_RDONLY | flags | more));
    };
    Fd fd = open(O_NOATIME);
    return fd || errno != EPERM ? std::move(fd) : open(0);
}

std::string read_link(int directory, const std::string& name) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    if (size < 0) {
        throw errno_error("cannot read the symlink");
    }
    target.resize(static_cast<std::size_t>(size));
    return target;
}

} // namespace slipway::volume
