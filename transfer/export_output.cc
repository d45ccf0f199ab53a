// What is looked at here is refused before the image is locked.

#include "transfer/export_output.hh"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "volume/inode_flags.hh"

namespace slipway::transfer {

Fd adopt_output(Fd given) {
    if (!given) {
        throw Error(Kind::InvalidArgument,
                    "nothing says where to; expected a file or pipe, open for writing, as "
                    "descriptor 3");
    }
    struct stat info {};
    const int flags = ::fcntl(given.get(), F_GETFL);
    if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY) {
        throw Error(Kind::InvalidArgument,
                    "the descriptor that was passed is not open for writing");
    }
    if (::fstat(given.get(), &info) < 0) {
        throw errno_error("cannot look at the descriptor that was passed");
    }
    if (S_ISDIR(info.st_mode) || S_ISBLK(info.st_mode)) {
        throw Error(Kind::Unsupported,
                    "the descriptor that was passed leads to a {}; expected a file or pipe",
                    S_ISDIR(info.st_mode) ? "directory" : "block device");
    }
    if (::isatty(given.get()) == 1) {
        throw Error(Kind::InvalidArgument, "the descriptor that was passed leads to a terminal; "
                                           "expected a file or pipe");
    }
    if (S_ISFIFO(info.st_mode)) {
        Fd own(::open(fmt::format("/proc/self/fd/{}", given.get()).c_str(),
                      O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        if (own) {
            return own;
        }
    }
    return given;
}

bool share_blocks(int disk, int output) noexcept {
    if (::ioctl(output, FICLONE, disk) == 0) {
        return true;
    }
    // btrfs shares blocks only between files that both have the flag or both have not.
    return errno == EINVAL && volume::is_no_cow(disk) && volume::set_no_cow(output) &&
           ::ioctl(output, FICLONE, disk) == 0;
}

} // namespace slipway::transfer
