// ioctl_iflags(2).

#include "volume/inode_flags.hh"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/error.hh"

namespace slipway::volume {
namespace {

// The kernel reads and writes an int whatever the number says (ioctl_iflags(2), "BUGS").
std::optional<unsigned> flags_of(int fd) noexcept {
    unsigned flags = 0;
    if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) {
        return std::nullopt;
    }
    return flags;
}

bool set_flags(int fd, unsigned flags) noexcept {
    return ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

} // namespace

bool is_immutable(int fd) noexcept {
    return (flags_of(fd).value_or(0) & FS_IMMUTABLE_FL) != 0;
}

void set_immutable(int fd, bool immutable) {
    const std::optional<unsigned> flags = flags_of(fd);
    const unsigned wanted =
        immutable ? flags.value_or(0) | FS_IMMUTABLE_FL : flags.value_or(0) & ~FS_IMMUTABLE_FL;
    if (flags == wanted) {
        return;
    }
    if (flags && set_flags(fd, wanted)) {
        return;
    }
    if (errno == ENOTTY || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS) {
        throw Error(Kind::Unsupported, "the file system has no immutable flag");
    }
    throw errno_error("cannot {} the immutable flag", immutable ? "set" : "clear");
}

bool set_no_cow(int fd, bool no_cow) noexcept {
    const std::optional<unsigned> flags = flags_of(fd);
    return flags && set_flags(fd, no_cow ? *flags | FS_NOCOW_FL : *flags & ~unsigned{FS_NOCOW_FL});
}

bool is_no_cow(int fd) noexcept {
    return (flags_of(fd).value_or(0) & FS_NOCOW_FL) != 0;
}

std::optional<unsigned> clear_guards(int fd) noexcept {
    const std::optional<unsigned> flags = flags_of(fd);
    const unsigned guards = FS_IMMUTABLE_FL | FS_APPEND_FL;
    if (flags && (*flags & guards) != 0 && set_flags(fd, *flags & ~guards)) {
        return flags;
    }
    return std::nullopt;
}

void restore_flags(int fd, unsigned flags) noexcept {
    set_flags(fd, flags);
}

} // namespace slipway::volume
