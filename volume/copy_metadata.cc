// Each call only where it changes something (measured: an owner and a mode set on every file cost 6
// to 9 % of the CPU of writing a tree).

#include "volume/copy_metadata.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/attribute_class.hh"

namespace slipway::volume {
namespace {

constexpr const char* kProbe = ".#probe";
constexpr mode_t kPermissions = 0777;
constexpr mode_t kAllBits = 07777;
constexpr std::size_t kMostBytes = 64 * 1024; // XATTR_LIST_MAX, XATTR_SIZE_MAX

// The one way to the attributes of a name beside a descriptor before Linux 6.13.
std::string path_of(int directory, const std::string& name) {
    return fmt::format("/proc/self/fd/{}/{}", directory, name);
}

// A call that fills a buffer and fails with ERANGE when it is too small.
template <typename Read>
std::string read_all(const Read& read) {
    std::array<char, 256> small; // most inodes have nothing, and what they have is small
    ssize_t size = read(small.data(), small.size());
    if (size >= 0) {
        return {small.data(), static_cast<std::size_t>(size)};
    }
    if (errno != ERANGE) {
        return {};
    }
    std::string large(kMostBytes, '\0');
    size = read(large.data(), large.size());
    large.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return large;
}

template <typename List, typename Get>
std::vector<Attribute> read_with(const List& list, const Get& get) {
    errno = 0;
    const std::string names = read_all(list);
    if (names.empty()) {
        if (errno != 0 && errno != EOPNOTSUPP) {
            throw errno_error("cannot list its attributes");
        }
        return {};
    }
    std::vector<Attribute> attributes;
    for (std::size_t at = 0; at < names.size();) {
        const std::string name(names.c_str() + at);
        at += name.size() + 1;
        if (class_of_attribute(name) == AttributeClass::Shadow) {
            continue;
        }
        errno = 0;
        std::string value =
            read_all([&](char* into, std::size_t size) { return get(name.c_str(), into, size); });
        if (value.empty() && errno == ENODATA) {
            continue; // removed meanwhile
        }
        if (value.empty() && errno != 0) {
            throw errno_error("cannot read its attribute {}", quoted(name));
        }
        attributes.push_back({name, std::move(value)});
    }
    return attributes;
}

[[noreturn]] void throw_owner(const Metadata& metadata) {
    const std::string owner = fmt::format("{}:{}", metadata.uid, metadata.gid);
    if (errno == EINVAL) {
        throw Error(Kind::Denied,
                    "its owner {} does not exist in this user namespace; nothing is given to "
                    "another owner instead",
                    owner);
    }
    if (errno == EPERM) {
        throw Error(Kind::Denied, "cannot give it to its owner {}: only root may; run it as root",
                    owner);
    }
    throw errno_error("cannot give it to its owner {}", owner);
}

// In the order of utimensat(2).
std::array<timespec, 2> times_of(const Metadata& metadata) noexcept {
    return {metadata.atime, metadata.mtime};
}

// A file system keeps what it can and says nothing (ext4 ends in 2446); times that every one can
// keep are not read back.
template <typename Stat>
void check_time(const Metadata& metadata, const Stat& stat) {
    constexpr std::int64_t kAlwaysKept = 0x7fffffff;
    struct stat found {};
    if ((metadata.mtime.tv_sec < 0 || metadata.mtime.tv_sec > kAlwaysKept) && stat(found) == 0 &&
        found.st_mtim.tv_sec != metadata.mtime.tv_sec) {
        throw Error(Kind::Unsupported,
                    "its time, {} seconds from 1970, is not one that this file system can keep",
                    metadata.mtime.tv_sec);
    }
}

timespec time_of(const statx_timestamp& time) noexcept {
    return {time.tv_sec, static_cast<long>(time.tv_nsec)};
}

} // namespace

Metadata metadata_of(const struct statx& info) noexcept {
    return {.mode = info.stx_mode & kAllBits,
            .uid = info.stx_uid,
            .gid = info.stx_gid,
            .atime = time_of(info.stx_atime),
            .mtime = time_of(info.stx_mtime),
            .attributes = {}};
}

std::vector<Attribute> read_attributes(int fd) {
    return read_with([fd](char* into, std::size_t size) { return ::flistxattr(fd, into, size); },
                     [fd](const char* name, char* into, std::size_t size) {
                         return ::fgetxattr(fd, name, into, size);
                     });
}

std::vector<Attribute> read_attributes_at(int directory, const std::string& name) {
    return read_attributes_here(path_of(directory, name));
}

std::vector<Attribute> read_attributes_here(const std::string& path) {
    return read_with(
        [&path](char* into, std::size_t size) { return ::llistxattr(path.c_str(), into, size); },
        [&path](const char* key, char* into, std::size_t size) {
            return ::lgetxattr(path.c_str(), key, into, size);
        });
}

MetadataWriter::MetadataWriter(int root, UnsupportedAttributes unsupported)
    : root_(root), unsupported_(unsupported) {
    const Fd probe(
        ::openat(root, kProbe, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPermissions));
    struct stat made {};
    if (!probe || ::fstat(probe.get(), &made) < 0 || ::unlinkat(root, kProbe, 0) < 0) {
        throw errno_error("cannot write in the staging");
    }
    birth_uid_ = made.st_uid;
    birth_gid_ = made.st_gid;
    mask_ = kPermissions & ~made.st_mode;
}

bool MetadataWriter::wants_owner(const Metadata& metadata) const noexcept {
    return metadata.uid != birth_uid_ || metadata.gid != birth_gid_;
}

void MetadataWriter::set_owner(int fd, const Metadata& metadata) {
    if (::fchown(fd, metadata.uid, metadata.gid) < 0) {
        throw_owner(metadata);
    }
}

void MetadataWriter::set_mode(int fd, const Metadata& metadata) {
    if (::fchmod(fd, metadata.mode) < 0) {
        throw errno_error("cannot set its mode {:o}", metadata.mode);
    }
}

unsigned MetadataWriter::apply(int fd, const Metadata& metadata, mode_t created) const {
    if (wants_owner(metadata)) {
        set_owner(fd, metadata);
    }
    if (metadata.mode != mode_after_birth(created)) {
        set_mode(fd, metadata);
    }
    return set_rest(fd, metadata);
}

unsigned MetadataWriter::apply_directory(int fd, const Metadata& metadata) const {
    set_owner(fd, metadata);
    set_mode(fd, metadata);
    return set_rest(fd, metadata);
}

unsigned MetadataWriter::set_rest(int fd, const Metadata& metadata) const {
    const unsigned left_out = set_attributes(metadata, [fd](const Attribute& attribute) {
        return ::fsetxattr(fd, attribute.name.c_str(), attribute.value.data(),
                           attribute.value.size(), 0);
    });
    if (::futimens(fd, times_of(metadata).data()) < 0) {
        throw errno_error("cannot set its times");
    }
    check_time(metadata, [fd](struct stat& found) { return ::fstat(fd, &found); });
    return left_out;
}

unsigned MetadataWriter::apply_at(int directory, const std::string& name, const Metadata& metadata,
                                  std::optional<mode_t> created) const {
    const char* const entry = name.c_str();
    if (wants_owner(metadata) &&
        ::fchownat(directory, entry, metadata.uid, metadata.gid, AT_SYMLINK_NOFOLLOW) < 0) {
        throw_owner(metadata);
    }
    // fchmodat(2) would follow a symlink.
    if (created && metadata.mode != mode_after_birth(*created) &&
        ::fchmodat(directory, entry, metadata.mode, 0) < 0) {
        throw errno_error("cannot set its mode {:o}", metadata.mode);
    }
    const unsigned left_out = set_attributes(metadata, [&](const Attribute& attribute) {
        return ::lsetxattr(path_of(directory, name).c_str(), attribute.name.c_str(),
                           attribute.value.data(), attribute.value.size(), 0);
    });
    if (::utimensat(directory, entry, times_of(metadata).data(), AT_SYMLINK_NOFOLLOW) < 0) {
        throw errno_error("cannot set its times");
    }
    check_time(metadata, [&](struct stat& found) {
        return ::fstatat(directory, entry, &found, AT_SYMLINK_NOFOLLOW);
    });
    return left_out;
}

template <typename Set>
unsigned MetadataWriter::set_attributes(const Metadata& metadata, const Set& set) const {
    unsigned left_out = 0;
    for (const Attribute& attribute : metadata.attributes) {
        if (set(attribute) < 0) {
            refuse(attribute);
            ++left_out;
        }
    }
    return left_out;
}

void MetadataWriter::refuse(const Attribute& attribute) const {
    const int number = errno;
    const std::string name = quoted(attribute.name);
    // ENOSPC is also how ext4 says that it has one block for attributes.
    struct statvfs volume {};
    const bool full = number == ENOSPC && ::fstatvfs(root_, &volume) == 0 && volume.f_bavail == 0;
    if (full || number == EIO || number == EROFS || number == EDQUOT) {
        errno = number;
        throw errno_error("cannot set its attribute {}", name);
    }
    if (unsupported_ == UnsupportedAttributes::Refuse) {
        throw Error(Kind::Unsupported,
                    "this file system cannot hold its attribute {} of {} bytes: {}. Use another "
                    "file system, or leave such attributes out with --skip-unsupported-xattrs",
                    name, attribute.value.size(), errno_text(number));
    }
}

} // namespace slipway::volume
