// Entries of an archive become a tree beneath one directory. Nothing is ever made, changed or
// linked outside it, whatever names and symlinks the archive holds: a parent is found with
// openat2(2) as if the root were "/", and a last component is never followed.

#pragma once

#include <cstdint>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "pull/directory_tree.hh"
#include "pull/entry.hh"
#include "pull/entry_name.hh"
#include "pull/inode.hh"

namespace slipway::pull {

class TreeWriter;

/// A regular file being written. Not finished: incomplete, and left to whoever throws the tree
/// away.
class FileWriter {
public:
    /// Offsets only grow; what is passed over is a hole.
    void write(std::uint64_t offset, Bytes data);
    /// Gives the file its size, its owner, mode, attributes and times, and starts its writeback.
    void finish();

private:
    friend class TreeWriter;
    FileWriter(InodeWriter& inodes, Fd fd, const Entry& entry, mode_t created);

    InodeWriter& inodes_;
    Fd fd_;
    const Entry& entry_;
    mode_t created_;
    std::uint64_t end_ = 0;
};

/// One thread. What a name held before is replaced; a directory is only replaced by a directory.
/// Errors do not name the entry: the caller does.
class TreeWriter {
public:
    TreeWriter(InodeWriter& inodes, DirectoryTree& directories)
        : inodes_(inodes), directories_(directories) {}

    /// A regular file, still without contents. `entry` must outlive what is returned.
    FileWriter create(const EntryName& name, const Entry& entry);
    /// Anything else but a socket.
    /// @throws Error  Corrupt: a hard link to what is not there or to a directory;
    ///                Denied: devices and owners that the caller may not make
    void add(const EntryName& name, const Entry& entry, std::size_t max_depth);

    /// Entries so far that are neither regular files nor directories.
    std::uint64_t others() const noexcept { return others_; }

private:
    void add_link(const EntryName& name, const Entry& entry, std::size_t max_depth);
    void add_node(const EntryName& name, const Entry& entry);
    void make_device(const EntryName& name, const Entry& entry);
    template <typename Make>
    void make_name(const EntryName& name, std::string_view doing, const Make& make);

    InodeWriter& inodes_;
    DirectoryTree& directories_;
    std::uint64_t others_ = 0;
};

} // namespace slipway::pull
