// fstat(2). Of btrfs, every subvolume has a device of its own.

#include "volume/inode_id.hh"

#include <sys/stat.h>

#include "base/error.hh"

namespace slipway::volume {

InodeId inode_id(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) < 0) {
        throw errno_error("cannot look at an open file");
    }
    return {info.st_dev, info.st_ino};
}

} // namespace slipway::volume
