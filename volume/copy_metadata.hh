// What an inode is beside its contents, read from one file system and given to an inode of another
// in the order that the kernel needs: the owner first, since a new owner takes set-uid bits and
// capabilities away, then the mode, then attributes, then the times.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/types.h>

namespace slipway::volume {

struct Attribute {
    std::string name;
    std::string value;
};

struct Metadata {
    mode_t mode = 0; ///< without the type
    uid_t uid = 0;
    gid_t gid = 0;
    timespec atime{};
    timespec mtime{};
    std::vector<Attribute> attributes; ///< ACLs and capabilities are among them
};

/// Without attributes.
Metadata metadata_of(const struct statx& info) noexcept;

/// All attributes that the caller may see, but for the second view of ACLs that xfs gives.
/// @throws Error
std::vector<Attribute> read_attributes(int fd);
/// The same for a name beside a directory, which is never followed.
std::vector<Attribute> read_attributes_at(int directory, const std::string& name);
/// The same for a relative path, which may end in a link: where there is no /proc.
std::vector<Attribute> read_attributes_here(const std::string& path);

enum class UnsupportedAttributes { Refuse, LeaveOut };

/// Any number of threads.
class MetadataWriter {
public:
    /// @param root  an empty directory; a file is made in it and removed again, to learn which
    ///              owner and mode new ones get there (mount option grpid, umask). Borrowed
    /// @throws Error
    MetadataWriter(int root, UnsupportedAttributes unsupported);

    /// @param created  the mode that the open file was made with
    /// @returns how many attributes were left out
    /// @throws Error  Denied: not an owner that may be given; Unsupported: an attribute or time
    /// that
    ///         the file system cannot hold
    unsigned apply(int fd, const Metadata& metadata, mode_t created) const;
    /// The same for a directory, whatever mode and owner it has.
    unsigned apply_directory(int fd, const Metadata& metadata) const;
    /// A name just made in `directory`, which is never followed.
    /// @param created  nothing for a symlink, which has no mode of its own
    unsigned apply_at(int directory, const std::string& name, const Metadata& metadata,
                      std::optional<mode_t> created) const;

private:
    bool wants_owner(const Metadata& metadata) const noexcept;
    mode_t mode_after_birth(mode_t created) const noexcept { return created & ~mask_; }
    static void set_owner(int fd, const Metadata& metadata);
    static void set_mode(int fd, const Metadata& metadata);
    unsigned set_rest(int fd, const Metadata& metadata) const;
    template <typename Set>
    unsigned set_attributes(const Metadata& metadata, const Set& set) const;
    void refuse(const Attribute& attribute) const;

    int root_;
    UnsupportedAttributes unsupported_;
    uid_t birth_uid_ = 0;
    gid_t birth_gid_ = 0;
    mode_t mask_ = 0;
};

} // namespace slipway::volume
