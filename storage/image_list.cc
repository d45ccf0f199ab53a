// What counts as an image, as systemd 252 sees it (image_discover(), image_find()): a tool that
// lists through either must see the same set.

#include <array>
#include <map>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/pool.hh"
#include "volume/directory.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kRawSuffix = ".raw";

// systemd-sysupdate's partial downloads; 256 and later skip them.
constexpr std::string_view kSysupdatePrefix = ".sysupdate.";

/// An entry that may be an image: under which name, and what stat(2) says of what it leads to.
struct Candidate {
    ImageName name;
    std::string file_name;
    struct statx info {};
};

std::optional<Candidate> candidate(const Pool& pool, const std::string& file_name) {
    struct statx info {};
    if (::statx(pool.fd(), file_name.c_str(), AT_STATX_SYNC_AS_STAT,
                STATX_BASIC_STATS | STATX_BTIME, &info) < 0) {
        // Gone meanwhile, or a symlink that leads nowhere, to itself, or where we may not look.
        if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == EACCES ||
            errno == ENAMETOOLONG) {
            return std::nullopt;
        }
        throw errno_error("cannot look at {} in the pool {}", quoted(file_name),
                          quoted(pool.path().string()));
    }
    std::string_view name = file_name;
    if (S_ISREG(info.stx_mode)) {
        if (!name.ends_with(kRawSuffix)) {
            return std::nullopt;
        }
        name.remove_suffix(kRawSuffix.size());
    } else if (!S_ISDIR(info.stx_mode) && !S_ISBLK(info.stx_mode)) {
        return std::nullopt;
    }
    if (name.starts_with(kSysupdatePrefix)) {
        return std::nullopt;
    }
    std::optional<ImageName> valid = ImageName::if_valid(name);
    if (!valid) {
        return std::nullopt;
    }
    return Candidate{std::move(*valid), file_name, info};
}

std::int64_t microseconds(const statx_timestamp& time) noexcept {
    return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000;
}

// systemd keeps a creation time that survives copying in user.crtime_usec: 64 bits, little endian.
std::optional<std::int64_t> crtime_attribute(int fd) noexcept {
    std::array<unsigned char, 8> bytes{};
    if (::fgetxattr(fd, "user.crtime_usec", bytes.data(), bytes.size()) != 8) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | bytes.at(i);
    }
    const auto time = static_cast<std::int64_t>(value);
    return time > 0 ? std::optional(time) : std::nullopt;
}

std::optional<std::int64_t> created_us(int fd, const struct statx& info) noexcept {
    std::optional<std::int64_t> result;
    if ((info.stx_mask & STATX_BTIME) != 0) {
        result = microseconds(info.stx_btime);
    }
    const std::optional<std::int64_t> kept = fd >= 0 ? crtime_attribute(fd) : std::nullopt;
    if (kept && (!result || *kept < *result)) {
        result = kept;
    }
    return result;
}

bool on_read_only_file_system(const Pool& pool, const std::string& file_name) noexcept {
    return ::faccessat(pool.fd(), file_name.c_str(), W_OK, AT_EACCESS) < 0 && errno == EROFS;
}

bool is_below_usr(const std::filesystem::path& path) {
    const auto first = path.begin() == path.end() ? path.end() : std::next(path.begin());
    return first != path.end() && *first == "usr";
}

bool is_read_only_block(int fd, const struct statx& info) noexcept {
    int read_only = 0;
    return (info.stx_mode & 0222U) == 0 ||
           (fd >= 0 && ::ioctl(fd, BLKROGET, &read_only) == 0 && read_only != 0);
}

Image describe(const Pool& pool, const Candidate& found) {
    Image image{.name = found.name,
                .type = ImageType::Directory,
                .read_only =
                    is_below_usr(pool.path()) || on_read_only_file_system(pool, found.file_name),
                .created_us = std::nullopt,
                .path = pool.path() / found.file_name};
    // Missing rights make a listing poorer, not impossible.
    const Fd fd(
        ::openat(pool.fd(), found.file_name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (S_ISREG(found.info.stx_mode)) {
        image.type = ImageType::Raw;
        image.read_only = image.read_only || (found.info.stx_mode & 0222U) == 0;
        image.created_us = created_us(fd.get(), found.info);
        image.modified_us = microseconds(found.info.stx_mtime);
    } else if (S_ISBLK(found.info.stx_mode)) {
        image.type = ImageType::Block;
        image.read_only = image.read_only || is_read_only_block(fd.get(), found.info);
    } else if (volume::is_subvolume(fd.get())) {
        image.type = ImageType::Subvolume;
        image.read_only = image.read_only || volume::is_read_only_subvolume(fd.get());
        image.created_us = volume::subvolume_created_us(fd.get());
        image.modified_us = volume::subvolume_changed_us(fd.get());
    } else {
        image.read_only = image.read_only || volume::is_immutable(fd.get());
        image.created_us = created_us(fd.get(), found.info);
    }
    return image;
}

} // namespace

std::vector<Image> list_images(const Pool& pool, bool hidden) {
    std::map<ImageName, Candidate> found;
    for (const volume::DirectoryEntry& entry : volume::all_entries(pool.fd())) {
        if (entry.name.front() == '.' && !hidden) {
            continue;
        }
        if (std::optional<Candidate> one = candidate(pool, entry.name)) {
            const bool own_name = one->file_name == one->name.text();
            const auto place = found.find(one->name);
            if (place == found.end()) {
                found.emplace(one->name, std::move(*one));
            } else if (own_name) {
                place->second = std::move(*one);
            }
        }
    }
    std::vector<Image> images;
    for (const auto& [name, one] : found) {
        images.push_back(describe(pool, one));
    }
    return images;
}

std::optional<Image> find_image(const Pool& pool, const ImageName& name) {
    for (const std::string& file_name : {name.text(), name.text() + std::string(kRawSuffix)}) {
        const std::optional<Candidate> one = candidate(pool, file_name);
        if (one && one->name == name) {
            return describe(pool, *one);
        }
    }
    return std::nullopt;
}

} // namespace slipway::storage
