// Giving an inode what the archive says of it, in the order that the kernel needs: the owner
// first, since a new owner takes set-uid bits and capabilities away, then the mode, then
// attributes (an ACL changes the mode's bits as it should), then the times.

#pragma once

#include <cstdint>
#include <string_view>

#include <sys/stat.h>

#include "base/error.hh"
#include "pull/entry.hh"

namespace slipway::pull {

/// What is left out, counted for one message at the end.
struct LeftOut {
    std::uint64_t privileged_attributes = 0;
    std::uint64_t unsupported_attributes = 0;
};

/// Puts metadata on inodes of one file system. One thread: names are reached through the working
/// directory, since there is no call that sets an attribute beside a directory descriptor before
/// Linux 6.13, and no /proc in a confined program.
class InodeWriter {
public:
    enum class Privileged { LeaveOut, Keep };
    enum class Unsupported { Refuse, LeaveOut };

    /// @param root  the staging; a directory is made in it and removed again, to learn which
    ///              owner a new file gets there (on a file system mounted "grpid" it is not ours)
    InodeWriter(int root, Privileged privileged, Unsupported unsupported);

    /// An open file; `created` is the mode it was made with.
    void apply(int fd, const Metadata& metadata, mode_t created);
    /// A name just made in `directory`, no directory itself, which is never followed.
    void apply_at(int directory, const char* name, const Metadata& metadata, EntryType type);
    /// An open directory. A directory is made 0700 and gets this when its contents are there.
    void apply_directory(int fd, const Metadata& metadata);

    const LeftOut& left_out() const noexcept { return left_out_; }

    /// The error for a failed call that makes or fills something: says whether bytes, inodes or a
    /// quota ran out. Takes errno first.
    Error disk_error(std::string_view doing) const;

private:
    bool wants_owner(const Metadata& metadata) const noexcept;
    template <typename Set>
    void set_attributes(const Metadata& metadata, const Set& set);
    void refuse_attribute(const Attribute& attribute);

    int root_;
    Privileged privileged_;
    Unsupported unsupported_;
    uid_t birth_uid_ = 0;
    gid_t birth_gid_ = 0;
    LeftOut left_out_;
};

} // namespace slipway::pull
