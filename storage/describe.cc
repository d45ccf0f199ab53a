// statx(2) of the entry is there already. The one call more for each image is for the attribute
// that keeps its creation time (measured: 10,000 in 25 ms where there is none).

#include "storage/describe.hh"

#include <array>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "volume/inode_flags.hh"

namespace slipway::storage {
namespace {

// From so many on one sweep is cheaper than asking each subvolume.
constexpr std::size_t kSweepFrom = 64;

constexpr ino_t kSubvolumeInode = 256; // BTRFS_FIRST_FREE_OBJECTID
constexpr std::uint64_t kBlockBytes = 512;

std::int64_t microseconds(const statx_timestamp& time) noexcept {
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000;
}

bool is_below_usr(const std::filesystem::path& path) {
    const auto first = path.begin() == path.end() ? path.end() : std::next(path.begin());
    return first != path.end() && *first == "usr";
}

Fd open_image(const Pool& pool, const Candidate& found) {
    return Fd(
        ::openat(pool.fd(), found.file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

// systemd keeps a creation time that survives copying in user.crtime_usec: 64 bits, little endian.
std::optional<std::int64_t> crtime_attribute(const std::string& path) noexcept {
    std::array<unsigned char, 8> bytes{};
    if (::getxattr(path.c_str(), "user.crtime_usec", bytes.data(), bytes.size()) != 8) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | bytes.at(i);
    }
    const auto time = static_cast<std::int64_t>(value);
    return time > 0 ? std::optional(time) : std::nullopt;
}

bool is_read_only_block(const Pool& pool, const Candidate& found) noexcept {
    const Fd fd = open_image(pool, found);
    int read_only = 0;
    return (found.info.stx_mode & 0222U) == 0 ||
           (fd && ::ioctl(fd.get(), BLKROGET, &read_only) == 0 && read_only != 0);
}

std::int64_t born_ns(const struct statx& info) noexcept {
    return (info.stx_mask & STATX_BTIME) != 0
               ? info.stx_btime.tv_sec * 1'000'000'000 + info.stx_btime.tv_nsec
               : 0;
}

} // namespace

Describer::Describer(const Pool& pool, std::size_t expected)
    : pool_(pool), below_usr_(is_below_usr(pool.path())) {
    struct statfs fs {};
    is_btrfs_ = ::fstatfs(pool.fd(), &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
    struct statvfs mount {};
    mount_read_only_ = ::fstatvfs(pool.fd(), &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0;
    read_only_ = ::faccessat(pool.fd(), ".", W_OK, AT_EACCESS) < 0 && errno == EROFS;
    ::statx(pool.fd(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &own_);
    if (is_btrfs_ && expected >= kSweepFrom) {
        subvolumes_ = volume::subvolumes_in(pool.fd());
    }
}

// An entry of the pool's own mount, not something that a link leads to.
bool Describer::is_in_pool(const Candidate& found) const noexcept {
    return !found.is_link && (own_.stx_mask & found.info.stx_mask & STATX_MNT_ID) != 0 &&
           own_.stx_mnt_id == found.info.stx_mnt_id;
}

bool Describer::lies_on_read_only(const Candidate& found) const noexcept {
    if (!is_in_pool(found)) {
        return ::faccessat(pool_.fd(), found.file.c_str(), W_OK, AT_EACCESS) < 0 && errno == EROFS;
    }
    const bool same_device = own_.stx_dev_major == found.info.stx_dev_major &&
                             own_.stx_dev_minor == found.info.stx_dev_minor;
    return same_device ? read_only_ : mount_read_only_;
}

std::optional<std::int64_t> Describer::created_us(const Candidate& found) const {
    std::optional<std::int64_t> result;
    if ((found.info.stx_mask & STATX_BTIME) != 0) {
        result = microseconds(found.info.stx_btime);
    }
    const auto kept = crtime_attribute(fmt::format("/proc/self/fd/{}/{}", pool_.fd(), found.file));
    if (kept && (!result || *kept < *result)) {
        result = kept;
    }
    return result;
}

std::optional<volume::SubvolumeInfo> Describer::find_subvolume(const Candidate& found) {
    if (found.info.stx_ino != kSubvolumeInode) {
        return std::nullopt;
    }
    if (subvolumes_ && is_in_pool(found)) {
        const auto one = subvolumes_->find(found.file);
        if (one != subvolumes_->end()) {
            return one->second;
        }
    }
    const Fd fd = open_image(pool_, found);
    if (!volume::is_subvolume(fd.get())) {
        return std::nullopt;
    }
    return volume::find_subvolume_info(fd.get()).value_or(volume::SubvolumeInfo{});
}

void Describer::describe_directory(const Candidate& found, Image& image) {
    if (const std::optional<volume::SubvolumeInfo> subvolume = find_subvolume(found)) {
        image.type = ImageType::Subvolume;
        image.read_only = image.read_only || subvolume->read_only;
        if (subvolume->id != 0) {
            image.created_us = subvolume->created_us;
            image.modified_us = subvolume->changed_us;
            image.subvolume = *subvolume;
        }
        return;
    }
    image.type = ImageType::Directory;
    const bool told = (found.info.stx_attributes_mask & STATX_ATTR_IMMUTABLE) != 0;
    image.read_only =
        image.read_only || (told ? (found.info.stx_attributes & STATX_ATTR_IMMUTABLE) != 0
                                 : volume::is_immutable(open_image(pool_, found).get()));
    image.created_us = created_us(found);
}

Image Describer::describe(const Candidate& found) {
    Image image{
        .name = found.name,
        .type = ImageType::Raw,
        .read_only = below_usr_ || lies_on_read_only(found),
        .created_us = std::nullopt,
        .path = pool_.path() / found.file,
        .modified_us = std::nullopt,
        .id = {makedev(found.info.stx_dev_major, found.info.stx_dev_minor), found.info.stx_ino},
        .born_ns = born_ns(found.info)};
    if (!found.versions.empty()) {
        image.versions = pool_.path() / found.versions;
    }
    if (S_ISDIR(found.info.stx_mode)) {
        describe_directory(found, image);
    } else if (S_ISREG(found.info.stx_mode)) {
        image.read_only = image.read_only || (found.info.stx_mode & 0222U) == 0;
        image.created_us = created_us(found);
        image.modified_us = microseconds(found.info.stx_mtime);
        image.allocated_bytes = found.info.stx_blocks * kBlockBytes;
        image.size_bytes = found.info.stx_size;
    } else {
        image.type = ImageType::Block;
        image.read_only = image.read_only || is_read_only_block(pool_, found);
        image.id.device = makedev(found.info.stx_rdev_major, found.info.stx_rdev_minor);
    }
    return image;
}

} // namespace slipway::storage
