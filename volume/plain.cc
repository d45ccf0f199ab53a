// fchown(2) first, since it may take bits of the mode away.

#include "volume/plain.hh"

#include <cerrno>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::volume {

void make_plain(int fd, mode_t mode) {
    if (::fchown(fd, ::geteuid(), ::getegid()) < 0 || ::fchmod(fd, mode) < 0) {
        throw errno_error("cannot prepare the staging");
    }
    for (const char* acl : {"system.posix_acl_access", "system.posix_acl_default"}) {
        if (::fremovexattr(fd, acl) < 0 && errno != ENODATA && errno != EOPNOTSUPP) {
            throw errno_error("cannot remove the inherited ACL of the staging");
        }
    }
}

} // namespace slipway::volume
