// One look by name; whoever needs it to stay holds the image's lock.

#include "storage/target.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "volume/inode_flags.hh"

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
    return volume::is_immutable(fd.get());
}

Error taken(const Pool& pool, const std::string& entry, ImageKind kind) {
    return Error(
        Kind::Exists,
        "{} exists and is not {} image; nothing was changed. Move it away, or give another "
        "name",
        quoted((pool.path() / entry).string()), kind == ImageKind::Disk ? "a raw" : "an");
}

Error hidden_by(const Image& image) {
    return Error(Kind::Exists,
                 "image {} is the {} {}, and hides a raw file of that name: both would have to go; "
                 "nothing was changed. Remove the first, or give another name",
                 quoted(image.name.text()), word(image.type), quoted(image.path.string()));
}

/// Whether a raw file would have the image's name if that were not there.
bool hides_raw(const Pool& pool, const Image& image) {
    struct stat info {};
    return image.path.filename() == image.name.text() &&
           ::fstatat(pool.fd(), (image.name.text() + ".raw").c_str(), &info, 0) == 0 &&
           S_ISREG(info.st_mode);
}

} // namespace

Target describe_target(const Pool& pool, const Image& image) {
    Target target;
    target.file_name = image.path.filename().string();
    target.identity = find_identity(pool.fd(), target.file_name).value_or("");
    target.type = image.type;
    target.immutable = entry_is_immutable(pool.fd(), target.file_name);
    target.hides_raw = hides_raw(pool, image);
    return target;
}

std::string entry_name(const ImageName& name, ImageKind kind) {
    return kind == ImageKind::Disk ? name.text() + ".raw" : name.text();
}

std::optional<Target> find_target(const Pool& pool, const ImageName& name, ImageKind kind) {
    const std::optional<Image> image = find_image(pool, name);
    const std::string entry = entry_name(name, kind);
    if (image && image->path.filename() == entry) {
        return describe_target(pool, *image);
    }
    struct stat info {};
    if (::fstatat(pool.fd(), entry.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        throw image && kind == ImageKind::Disk ? hidden_by(*image) : taken(pool, entry, kind);
    }
    if (image) {
        return describe_target(pool, *image);
    }
    return std::nullopt;
}

} // namespace slipway::storage
