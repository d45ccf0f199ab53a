// One call changes the mark, so there is nothing to recover.

#include "storage/mark.hh"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/removable.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {
namespace {

Image find(const Pool& pool, const ImageName& name) {
    std::optional<Image> image = find_image(pool, name);
    if (!image) {
        throw Error(Kind::NotFound, "there is no image {} in the pool {}", quoted(name.text()),
                    quoted(pool.path().string()));
    }
    return std::move(*image);
}

// A block device is nobody's but its node's, so that a link to one is as good.
void refuse_link(const Image& image) {
    std::error_code error;
    if (image.type != ImageType::Block && std::filesystem::is_symlink(image.path, error)) {
        throw Error(Kind::Unsupported,
                    "image {} is a symbolic link to {}, which the mark would change; nothing was "
                    "changed. Mark that itself",
                    quoted(image.name.text()),
                    quoted(std::filesystem::read_symlink(image.path, error).string()));
    }
}

Fd open_image(const Image& image) {
    const int link = image.type == ImageType::Block ? 0 : O_NOFOLLOW;
    Fd fd(::open(image.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | link));
    if (!fd) {
        throw errno_error("cannot open the image {}", quoted(image.path.string()));
    }
    return fd;
}

void set_write_permission(int fd, bool read_only) {
    struct stat info {};
    if (::fstat(fd, &info) < 0) {
        throw errno_error("cannot look at the image");
    }
    const mode_t mode = read_only ? info.st_mode & 0444U : (info.st_mode & 07777U) | S_IWUSR;
    if (::fchmod(fd, mode) < 0) {
        throw errno_error("cannot set the mode of the image");
    }
}

void set_device_mark(int fd, bool read_only) {
    const int flag = read_only ? 1 : 0;
    if (::ioctl(fd, BLKROSET, &flag) < 0) {
        throw errno_error("cannot mark the device");
    }
}

void mark(int fd, ImageType type, bool read_only) {
    switch (type) {
    case ImageType::Subvolume:
        volume::set_subvolume_read_only(fd, read_only);
        break;
    case ImageType::Directory:
        volume::set_immutable(fd, read_only);
        break;
    case ImageType::Raw:
        set_write_permission(fd, read_only);
        break;
    case ImageType::Block:
        set_device_mark(fd, read_only);
        return; // in memory only
    }
    // A subvolume's flag is not its inode's, and only the whole transaction writes it.
    if ((type == ImageType::Subvolume ? ::syncfs(fd) : ::fsync(fd)) < 0) {
        throw errno_error("the image is marked, but may not be after a power loss: cannot sync it");
    }
}

} // namespace

bool mark_image(const Pool& pool, const ImageName& name, ReadOnly wanted) {
    sweep(pool);
    const Image found = find(pool, name);
    const std::string file_name = found.path.filename();
    const JobPlace place(pool, make_job_id(), {stem(found).text()});
    const ImageLock lock(pool, file_name, LockMode::Exclusive);
    const Image image = find(pool, name); // as it is now that nobody changes it
    if (image.path.filename() != file_name) {
        throw Error(Kind::Busy, "image {} was exchanged meanwhile; nothing was changed",
                    quoted(name.text()));
    }
    check_own(pool, image);
    refuse_link(image);
    const bool read_only = wanted == ReadOnly::Yes;
    if (image.read_only == read_only) {
        return false;
    }
    mark(open_image(image).get(), image.type, read_only);
    return true;
}

} // namespace slipway::storage
