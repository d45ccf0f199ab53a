// One look by name; whoever needs it to stay holds the image's lock.

#include "storage/target.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/inode_flags.hh"

namespace slipway::storage {
namespace {

bool entry_is_immutable(int pool, const std::string& file_name) {
    struct stat info {};
    if (::fstatat(pool, file_name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0 ||
        !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) {
        return false;
    }
    const Fd fd(::openat(pool, file_name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    return is_immutable(fd.get());
}

} // namespace

Target describe_target(const Pool& pool, const Image& image) {
    Target target;
    target.file_name = image.path.filename().string();
    target.identity = find_identity(pool.fd(), target.file_name).value_or("");
    target.type = image.type;
    target.immutable = entry_is_immutable(pool.fd(), target.file_name);
    return target;
}

std::optional<Target> find_target(const Pool& pool, const ImageName& name) {
    const std::optional<Image> image = find_image(pool, name);
    if (image && image->path.filename() == name.text()) {
        return describe_target(pool, *image);
    }
    struct stat info {};
    if (::fstatat(pool.fd(), name.text().c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        throw Error(Kind::Exists,
                    "{} exists and is not an image; nothing was changed. Move it away, or give "
                    "another name",
                    quoted((pool.path() / name.text()).string()));
    }
    if (image) {
        return describe_target(pool, *image);
    }
    return std::nullopt;
}

} // namespace slipway::storage
