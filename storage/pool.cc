// Opening the directory, and what statfs(2) says of the file system under it.

#include "storage/pool.hh"

#include <fstream>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::storage {
namespace {

constexpr long kXfsMagic = 0x58465342; // linux/magic.h of Debian 12 calls it XFS_SUPER_MAGIC
constexpr long kZfsMagic = 0x2fc12fc1; // not in linux/magic.h

std::string type_of(long magic) {
    switch (magic) {
    case EXT4_SUPER_MAGIC:
        return "ext4"; // ext2 and ext3 share the number
    case kXfsMagic:
        return "xfs";
    case BTRFS_SUPER_MAGIC:
        return "btrfs";
    case TMPFS_MAGIC:
        return "tmpfs";
    case OVERLAYFS_SUPER_MAGIC:
        return "overlayfs";
    case F2FS_SUPER_MAGIC:
        return "f2fs";
    case NFS_SUPER_MAGIC:
        return "nfs";
    case kZfsMagic:
        return "zfs";
    default:
        return fmt::format("{:#x}", static_cast<unsigned long>(magic));
    }
}

Fd open_path(const std::filesystem::path& path) noexcept {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// The pool's own name has to survive a power loss, too: fsync of what is made in it later says
// nothing about the entry in its parent.
void make_pool_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) < 0) {
        if (errno == EEXIST) {
            return;
        }
        if (errno == ENOENT) {
            throw Error(Kind::NotFound,
                        "there is no pool {}, and it cannot be made: its parent does not exist",
                        quoted(path.string()));
        }
        throw errno_error("cannot make the pool {}", quoted(path.string()));
    }
    const Fd parent = open_path((path / "..").lexically_normal());
    if (!parent || ::fsync(parent.get()) < 0) {
        throw errno_error("cannot sync the directory of the new pool {}", quoted(path.string()));
    }
}

// Clusters that ext4 keeps from everybody, root included, so that delayed writes never fail;
// statfs(2) counts them as free.
std::uint64_t ext4_own_reserve(int fd) {
    struct stat info {};
    std::error_code error;
    std::uint64_t clusters = 0;
    if (::fstat(fd, &info) == 0) {
        const auto device = std::filesystem::read_symlink(
            fmt::format("/sys/dev/block/{}:{}", major(info.st_dev), minor(info.st_dev)), error);
        std::ifstream(std::filesystem::path("/sys/fs/ext4") / device.filename() /
                      "reserved_clusters") >>
            clusters;
    }
    return clusters;
}

Error open_error(const std::filesystem::path& path) {
    if (errno == ENOENT) { // after mkdir(2) found something there
        return Error(Kind::NotFound, "the pool {} is a symlink that leads nowhere",
                     quoted(path.string()));
    }
    if (errno == ENOTDIR) {
        return Error(Kind::NotFound, "the pool {} is not a directory", quoted(path.string()));
    }
    return errno_error("cannot open the pool {}", quoted(path.string()));
}

std::filesystem::path without_trailing_slash(const std::filesystem::path& path) {
    const std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

} // namespace

std::string_view word(ImageType type) noexcept {
    switch (type) {
    case ImageType::Directory:
        return "directory";
    case ImageType::Subvolume:
        return "subvolume";
    case ImageType::Raw:
        return "raw";
    case ImageType::Block:
        return "block";
    }
    return "";
}

Pool::Pool(Fd fd, std::filesystem::path given)
    : fd_(std::move(fd)), given_(std::move(given)), path_(std::filesystem::canonical(given_)) {}

Pool Pool::open(const std::filesystem::path& path) {
    const std::filesystem::path given = without_trailing_slash(path);
    Fd fd = open_path(given);
    if (!fd && errno == ENOENT) {
        make_pool_directory(given);
        fd = open_path(given);
    }
    if (!fd) {
        throw open_error(given);
    }
    if (::faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) < 0) {
        throw errno_error("cannot write to the pool {}", quoted(given.string()));
    }
    return Pool(std::move(fd), given);
}

std::optional<Pool> Pool::find(const std::filesystem::path& path) {
    const std::filesystem::path given = without_trailing_slash(path);
    Fd fd = open_path(given);
    if (fd) {
        return Pool(std::move(fd), given);
    }
    if (errno == ENOENT) {
        return std::nullopt;
    }
    throw open_error(given);
}

FileSystem Pool::file_system() const {
    struct statfs info {};
    if (::fstatfs(fd_.get(), &info) < 0) {
        throw errno_error("cannot ask for the file system of the pool {}", quoted(path_.string()));
    }
    FileSystem result;
    result.type = type_of(info.f_type);
    result.read_only = (info.f_flags & ST_RDONLY) != 0;
    result.subvolumes = info.f_type == BTRFS_SUPER_MAGIC;
    // What btrfs calls free is not all to be had by files; the reserve of ext4 is root's.
    const auto block = static_cast<std::uint64_t>(info.f_frsize);
    const bool with_reserve = ::geteuid() == 0 && info.f_type == EXT4_SUPER_MAGIC;
    const std::uint64_t kept = with_reserve ? ext4_own_reserve(fd_.get()) : 0;
    const std::uint64_t free = with_reserve ? info.f_bfree : info.f_bavail;
    result.free_bytes = free > kept ? (free - kept) * block : 0;
    result.size_bytes = info.f_blocks * block;
    if (info.f_files != 0) {
        result.free_inodes = info.f_ffree;
    }
    return result;
}

std::optional<std::string> Pool::note() const {
    if (given_ != path_) {
        return fmt::format("the pool {} is {}", quoted(given_.string()), quoted(path_.string()));
    }
    std::error_code error;
    const auto around = std::filesystem::canonical(kDefaultPool, error);
    const auto inside = error ? std::filesystem::path() : path_.lexically_relative(around);
    if (!inside.empty() && *inside.begin() != ".." && *inside.begin() != ".") {
        return fmt::format("the pool {} lies inside the pool {}, where {} looks like an image",
                           quoted(path_.string()), quoted(around.string()),
                           quoted(inside.begin()->string()));
    }
    return std::nullopt;
}

std::string Pool::space() const {
    const FileSystem fs = file_system();
    std::string text = fmt::format("{} ({}) has {} of {}", quoted(path_.string()), fs.type,
                                   format_size(fs.free_bytes), format_size(fs.size_bytes));
    if (fs.free_inodes) {
        text += fmt::format(" and {} inodes", *fs.free_inodes);
    }
    return text + " free";
}

} // namespace slipway::storage
