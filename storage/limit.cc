// Taking a limit away where quota is off is done before it begins.

#include "storage/limit.hh"

#include <fcntl.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/quota.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {
namespace {

constexpr std::uint64_t kPoolLevel = 255; // systemd's for a directory of images

std::string_view said_of(volume::QuotaKind kind) {
    return kind == volume::QuotaKind::Simple
               ? "switched simple quota on, which counts what is written from now on"
               : "switched quota on";
}

/// Nothing when quota is off and there is nothing to limit.
std::optional<volume::QuotaTable> quota_for(int fd, const std::string& what, bool limits,
                                            EnableQuota enable, std::string& said) {
    std::optional<volume::QuotaTable> quota = volume::read_quota(fd);
    if (quota || !limits) {
        return quota;
    }
    if (enable == EnableQuota::No) {
        throw Error(Kind::Unsupported,
                    "{} cannot be limited: btrfs quota is off on its file system, or may not be "
                    "read; nothing was changed. --enable-quota switches it on for the whole file "
                    "system",
                    what);
    }
    said = said_of(volume::enable_quota(fd));
    quota = volume::read_quota(fd);
    if (!quota) {
        throw Error(Kind::Internal, "quota was switched on, and cannot be read");
    }
    return quota;
}

Fd open_tree(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open {}", quoted(path.string()));
    }
    return fd;
}

/// Puts the pool, and what is in it, under its group. True when all has to be counted anew.
bool gather(const Pool& pool, std::uint64_t id, std::uint64_t group) {
    bool recount = volume::put_qgroup_under(pool.fd(), id, group);
    for (const std::string& path : volume::nested_subvolumes(pool.fd())) {
        const Fd nested(
            ::openat(pool.fd(), path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (nested) {
            const std::uint64_t one = volume::subvolume_id(nested.get());
            recount = volume::put_qgroup_under(pool.fd(), one, group) || recount;
        }
    }
    return recount;
}

} // namespace

std::string limit_image(const Image& image, std::optional<std::uint64_t> limit_bytes,
                        EnableQuota enable) {
    const std::string what = "image " + quoted(image.name.text());
    if (image.type != ImageType::Subvolume) {
        throw Error(Kind::Unsupported,
                    "{} is a {}, and only a btrfs subvolume can be limited; nothing was changed",
                    what, word(image.type));
    }
    const Fd fd = open_tree(image.path);
    std::string said;
    const auto quota = quota_for(fd.get(), what, limit_bytes.has_value(), enable, said);
    if (quota) {
        const std::uint64_t id = volume::subvolume_id(fd.get());
        if (limit_bytes && quota->find(id) == nullptr) { // somebody has taken it away
            volume::make_qgroup(fd.get(), id);
        }
        volume::limit_qgroup(fd.get(), quota->subtree_group(id), limit_bytes);
    }
    return said;
}

std::string limit_pool(const Pool& pool, std::optional<std::uint64_t> limit_bytes,
                       EnableQuota enable) {
    const std::string what = "the pool " + quoted(pool.path().string());
    const volume::FileSystem file_system = pool.file_system();
    if (!file_system.subvolumes) {
        throw Error(Kind::Unsupported,
                    "{} lies on {}, and only btrfs can limit it; nothing was changed", what,
                    file_system.type);
    }
    if (!volume::is_subvolume(pool.fd())) {
        throw Error(Kind::Unsupported,
                    "{} is a directory in a subvolume that holds other things, too, and only a "
                    "subvolume can be limited; nothing was changed. Make the pool a subvolume of "
                    "its own",
                    what);
    }
    std::string said;
    const auto quota = quota_for(pool.fd(), what, limit_bytes.has_value(), enable, said);
    if (!quota) {
        return said;
    }
    const std::uint64_t id = volume::subvolume_id(pool.fd());
    std::uint64_t group = quota->subtree_group(id);
    if (group == id && limit_bytes) {
        group = volume::qgroup_of(kPoolLevel, id);
        volume::make_qgroup(pool.fd(), group);
        if (gather(pool, id, group) && !quota->simple) {
            volume::recount_quota(pool.fd());
        }
    }
    volume::limit_qgroup(pool.fd(), group, limit_bytes);
    return said;
}

} // namespace slipway::storage
