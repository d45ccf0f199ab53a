// fchown(2), fchmod(2), fsetxattr(2) and futimens(3), each only where it changes something
// (measured: an owner and a mode set on every file cost 6 to 9 % of the CPU of writing a tree).

#include "pull/inode.hh"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "pull/acl.hh"
#include "volume/attribute_class.hh"

namespace slipway::pull {
namespace {

constexpr const char* kProbe = ".#slipway-probe";

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

bool is_acl(std::string_view attribute) noexcept {
    return attribute == kAccessAcl || attribute == kDefaultAcl;
}

// In the order of utimensat(2).
std::array<timespec, 2> times_of(const Metadata& metadata) noexcept {
    const timespec omit{0, UTIME_OMIT};
    return {metadata.atime.value_or(omit), metadata.mtime.value_or(omit)};
}

// A file system keeps what it can and says nothing (ext4 ends in 2446); times that every one can
// keep are not read back.
bool is_unusual(const Metadata& metadata) noexcept {
    constexpr std::int64_t kAlwaysKept = 0x7fffffff;
    return metadata.mtime && (metadata.mtime->tv_sec < 0 || metadata.mtime->tv_sec > kAlwaysKept);
}

void check_time(const Metadata& metadata, const struct stat& found) {
    if (found.st_mtim.tv_sec != metadata.mtime->tv_sec) {
        throw Error(Kind::Unsupported,
                    "its time, {} seconds from 1970, is not one that this file system can keep",
                    metadata.mtime->tv_sec);
    }
}

} // namespace

InodeWriter::InodeWriter(int root, Privileged privileged, Unsupported unsupported)
    : root_(root), privileged_(privileged), unsupported_(unsupported) {
    // A pool may hand a default ACL and its group down to what is made in it.
    for (const std::string_view acl : {kDefaultAcl, kAccessAcl}) {
        if (::fremovexattr(root, acl.data()) < 0 && errno != ENODATA && errno != EOPNOTSUPP) {
            throw errno_error("cannot remove the ACL of the staging");
        }
    }
    struct stat made {};
    if (::fchmod(root, 0700) < 0 || ::mkdirat(root, kProbe, 0700) < 0 ||
        ::fstatat(root, kProbe, &made, AT_SYMLINK_NOFOLLOW) < 0 ||
        ::unlinkat(root, kProbe, AT_REMOVEDIR) < 0) {
        throw disk_error("cannot write in the staging");
    }
    birth_uid_ = made.st_uid;
    birth_gid_ = made.st_gid;
    struct stat found {};
    if (::fstat(root, &found) < 0 || ((found.st_uid != birth_uid_ || found.st_gid != birth_gid_) &&
                                      ::fchown(root, birth_uid_, birth_gid_) < 0)) {
        throw errno_error("cannot take over the staging");
    }
}

bool InodeWriter::wants_owner(const Metadata& metadata) const noexcept {
    return metadata.uid != birth_uid_ || metadata.gid != birth_gid_;
}

void InodeWriter::apply(int fd, const Metadata& metadata, mode_t created) {
    if (wants_owner(metadata) && ::fchown(fd, metadata.uid, metadata.gid) < 0) {
        throw_owner(metadata);
    }
    if (metadata.mode != created && ::fchmod(fd, metadata.mode) < 0) {
        throw errno_error("cannot set its mode {:o}", metadata.mode);
    }
    set_attributes(metadata, [fd](const Attribute& attribute) {
        return ::fsetxattr(fd, attribute.name.c_str(), attribute.value.data(),
                           attribute.value.size(), 0);
    });
    if ((metadata.mtime || metadata.atime) && ::futimens(fd, times_of(metadata).data()) < 0) {
        throw errno_error("cannot set its times");
    }
    struct stat found {};
    if (is_unusual(metadata) && ::fstat(fd, &found) == 0) {
        check_time(metadata, found);
    }
}

void InodeWriter::apply_directory(int fd, const Metadata& metadata) {
    apply(fd, metadata, 0700);
}

void InodeWriter::apply_at(int directory, const char* name, const Metadata& metadata,
                           EntryType type) {
    if (wants_owner(metadata)) {
        if (::fchownat(directory, name, metadata.uid, metadata.gid, AT_SYMLINK_NOFOLLOW) < 0) {
            throw_owner(metadata);
        }
        // The mode came with mknodat(2). fchmodat(2) would follow a symlink, and this is none.
        if (type != EntryType::Symlink && (metadata.mode & 07000) != 0 &&
            ::fchmodat(directory, name, metadata.mode, 0) < 0) {
            throw errno_error("cannot set its mode {:o}", metadata.mode);
        }
    }
    if (!metadata.attributes.empty() && ::fchdir(directory) < 0) {
        throw errno_error("cannot enter its directory");
    }
    set_attributes(metadata, [name](const Attribute& attribute) {
        return ::lsetxattr(name, attribute.name.c_str(), attribute.value.data(),
                           attribute.value.size(), 0);
    });
    if ((metadata.mtime || metadata.atime) &&
        ::utimensat(directory, name, times_of(metadata).data(), AT_SYMLINK_NOFOLLOW) < 0) {
        throw errno_error("cannot set its times");
    }
    struct stat found {};
    if (is_unusual(metadata) && ::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
        check_time(metadata, found);
    }
}

template <typename Set>
void InodeWriter::set_attributes(const Metadata& metadata, const Set& set) {
    for (const Attribute& attribute : metadata.attributes) {
        const volume::AttributeClass kind = volume::class_of_attribute(attribute.name);
        if (kind == volume::AttributeClass::Shadow) {
            continue;
        }
        if (kind == volume::AttributeClass::Privileged && privileged_ == Privileged::LeaveOut) {
            ++left_out_.privileged_attributes;
        } else if (set(attribute) < 0) {
            refuse_attribute(attribute);
        }
    }
}

void InodeWriter::refuse_attribute(const Attribute& attribute) {
    const int number = errno;
    const std::string name = quoted(attribute.name);
    struct statvfs volume {};
    const bool full = (number == ENOSPC || number == EDQUOT) && ::fstatvfs(root_, &volume) == 0 &&
                      volume.f_bavail == 0;
    if (full || number == EIO || number == EROFS) {
        errno = number;
        throw disk_error("cannot set its attribute " + name);
    }
    if (number == EINVAL && (is_acl(attribute.name) || attribute.name == "security.capability")) {
        throw Error(Kind::Corrupt, "its attribute {} is malformed", name);
    }
    if (unsupported_ == Unsupported::LeaveOut) {
        ++left_out_.unsupported_attributes;
        return;
    }
    throw Error(Kind::Unsupported,
                "this file system cannot hold its attribute {} of {} bytes: {}. Use another file "
                "system, or leave such attributes out with --skip-unsupported-xattrs",
                name, attribute.value.size(), errno_text(number));
}

Error InodeWriter::disk_error(std::string_view doing) const {
    const int number = errno;
    struct statvfs volume {};
    std::string space;
    if (number == ENOSPC && ::fstatvfs(root_, &volume) == 0) {
        const std::uint64_t free_bytes = std::uint64_t{volume.f_bavail} * volume.f_frsize;
        space = volume.f_files != 0 && volume.f_favail == 0
                    ? "; it has no inodes left"
                    : fmt::format("; {} are free", format_size(free_bytes));
    } else if (number == EDQUOT) {
        space = "; the quota is used up";
    }
    errno = number;
    Error error = errno_error("{}", doing);
    error.add_advice(space);
    return error;
}

} // namespace slipway::pull
