// A symlinked image loses its link only, and nothing is mounted in a link.

#include "storage/removable.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/mounts.hh"

namespace slipway::storage {
namespace {

constexpr ino_t kExtRootInode = 2;

// e2fsck(8) keeps its finds there; systemd lists it as an image when the pool is a whole ext4.
bool is_lost_and_found(const Pool& pool, const std::string& file_name) {
    struct stat info {};
    return file_name == "lost+found" && ::fstat(pool.fd(), &info) == 0 &&
           info.st_ino == kExtRootInode && pool.file_system().type == "ext4";
}

} // namespace

void check_own(const Pool& pool, const Image& image) {
    if (is_lost_and_found(pool, image.path.filename())) {
        throw Error(Kind::Denied, "{} belongs to the file system; nothing was changed",
                    quoted(image.path.string()));
    }
}

void check_removable(const Pool& pool, const Image& image) {
    check_own(pool, image);
    if (const auto mount = volume::find_mount_below(image.path)) {
        throw Error(Kind::Busy, "something is mounted at {}; nothing was changed. Unmount it first",
                    quoted(mount->string()));
    }
}

} // namespace slipway::storage
