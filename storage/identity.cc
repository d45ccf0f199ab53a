// Inode 256 says nothing of a subvolume, but its number is never used again.

#include "storage/identity.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {

std::optional<std::string> find_identity(int directory, const std::string& name) {
    struct statx info {};
    if (::statx(directory, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_TYPE | STATX_BTIME,
                &info) < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw errno_error("cannot look at {}", quoted(name));
    }
    if (S_ISDIR(info.stx_mode)) {
        const Fd fd(
            ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (fd && volume::is_subvolume(fd.get())) {
            return fmt::format("subvolume:{}", volume::subvolume_id(fd.get()));
        }
    }
    const bool born = (info.stx_mask & STATX_BTIME) != 0;
    return fmt::format("inode:{}:{}", info.stx_ino,
                       born ? info.stx_btime.tv_sec * 1'000'000'000 + info.stx_btime.tv_nsec : 0);
}

} // namespace slipway::storage
