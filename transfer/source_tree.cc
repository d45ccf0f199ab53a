// Directories are compared by what they are, never by path: a bind mount or a symlink gives one of
// them a second path.

#include "transfer/source_tree.hh"

#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/inode_id.hh"
#include "volume/mounts.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

constexpr long kXfsMagic = 0x58465342; // linux/magic.h of Debian 12 calls it XFS_SUPER_MAGIC

using volume::inode_id;
using volume::InodeId;

void refuse_others(int fd, const std::string& what) {
    struct stat info {};
    if (::fstat(fd, &info) < 0) {
        throw errno_error("cannot look at {}", what);
    }
    if (S_ISREG(info.st_mode)) {
        throw Error(Kind::Unsupported,
                    "{} is a file; import-fs stores a directory. import-tar and import-raw take "
                    "archives and disks",
                    what);
    }
    if (!S_ISDIR(info.st_mode)) {
        throw Error(Kind::Unsupported, "{} is no directory", what);
    }
}

std::uint64_t mount_of(int fd) {
    struct statx info {};
    return ::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0 ? 0 : info.stx_mnt_id;
}

// Whether `directory` is `around` or below it. A mount on the way parts them: it is not entered.
bool lies_within(int directory, const InodeId& around) {
    const std::uint64_t mount = mount_of(directory);
    Fd at(::openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    while (at && mount_of(at.get()) == mount) {
        const InodeId here = inode_id(at.get());
        if (here == around) {
            return true;
        }
        Fd up(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (up && inode_id(up.get()) == here) {
            return false;
        }
        at = std::move(up);
    }
    return false;
}

bool is_host_root(const InodeId& place) {
    const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root && inode_id(root.get()) == place;
}

bool is_hidden_in(const std::filesystem::path& path, const storage::Pool& pool) {
    const std::filesystem::path inside = path.lexically_relative(pool.path());
    return !inside.empty() && inside.begin()->string().starts_with(".#");
}

} // namespace

Fd open_source_tree(const std::filesystem::path& path) {
    const std::string what = quoted(path.string());
    // O_NONBLOCK: a fifo by mistake must not hold us up.
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        throw errno_error("cannot open {}", what);
    }
    refuse_others(fd.get(), what);
    return fd;
}

Fd adopt_source_tree(Fd fd) {
    if (!fd) {
        throw Error(Kind::InvalidArgument,
                    "neither a path nor a descriptor says what to import; expected an open "
                    "directory as descriptor 3");
    }
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY) {
        throw Error(Kind::InvalidArgument,
                    "the descriptor that was passed is not open for reading");
    }
    refuse_others(fd.get(), "what the descriptor that was passed leads to");
    return fd;
}

std::filesystem::path path_of_tree(int source) {
    std::error_code error;
    return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", source), error);
}

void check_apart(int source, const storage::Pool& pool) {
    const InodeId place = inode_id(source);
    const std::filesystem::path path = path_of_tree(source);
    const std::string pool_path = quoted(pool.path().string());
    if (place == inode_id(pool.fd())) {
        throw Error(Kind::InvalidArgument,
                    "it is the pool {} itself; nothing was stored. Give one of its images",
                    pool_path);
    }
    if (is_hidden_in(path, pool)) {
        throw Error(Kind::InvalidArgument,
                    "{} belongs to a job that works in the pool {}; nothing was stored",
                    quoted(path.string()), pool_path);
    }
    if (!is_host_root(place) && lies_within(pool.fd(), place)) {
        throw Error(Kind::InvalidArgument,
                    "the pool {} lies in it and would be copied into itself; nothing was stored. "
                    "Give another pool with --pool, or a directory beside it",
                    pool_path);
    }
}

std::optional<TreeUsage> find_usage(int source, const storage::Pool& pool) {
    struct statfs info {};
    if (::fstatfs(source, &info) < 0 ||
        (info.f_type != EXT4_SUPER_MAGIC && info.f_type != kXfsMagic) ||
        volume::are_on_one_file_system(source, pool.fd()) ||
        !volume::is_whole_file_system(source)) {
        return std::nullopt;
    }
    return TreeUsage{(info.f_blocks - info.f_bfree) * static_cast<std::uint64_t>(info.f_frsize),
                     info.f_files - info.f_ffree};
}

} // namespace slipway::transfer
