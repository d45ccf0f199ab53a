// The directories of the tree being written: each is made once, found by what it is rather than by
// its name (a path may lead through symlinks of the archive), and finished at the end, when
// everything beneath it is there.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fd.hh"
#include "pull/entry_name.hh"
#include "pull/inode.hh"

namespace slipway::pull {

/// All below one root; nothing leads out of it, and a last component is never followed.
class DirectoryTree {
public:
    struct Limits {
        std::uint64_t depth = 0;
        std::uint64_t memory_bytes = 0;
    };

    /// @param root  an empty directory opened for reading; borrowed
    DirectoryTree(int root, InodeWriter& inodes, Limits limits);

    /// The directory `path` (normalised, relative; empty for the root) as a descriptor for *at()
    /// calls. Missing ones are made: 0755, root's. Valid until the second call after this.
    /// @throws Error  Corrupt: a part of it is something else, or a symlink leads nowhere
    int open(std::string_view path);
    /// The same without making anything; -1 when it does not exist.
    int find(std::string_view path);

    /// Makes `name` a directory, or takes the one that is there; its metadata counts from now on.
    /// Another kind of thing of that name is replaced.
    void make(const EntryName& name, Metadata metadata);

    /// Removes `name`, which is no directory, from `directory`.
    void remove(int directory, const char* name);

    /// The contents of the directory `top` of the root have been moved up: it is gone, and the
    /// root gets its metadata.
    void lift(std::string_view top);

    /// Gives every directory its metadata, the deepest first and the root last.
    void finish();

private:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = ~Node{0};

    struct Directory {
        Node parent = kNone;
        std::uint32_t depth = 0;
        std::string name;
        Metadata metadata;
    };
    // A resolved directory; an archive mostly moves between a few of them.
    struct Resolved {
        std::string path;
        Fd fd;
        Node node = kNone;
        std::uint64_t used = 0; // 0: nothing in it
    };

    const Resolved* lookup(std::string_view path) noexcept;
    const Resolved& resolve(std::string_view path);
    const Resolved& keep(std::string path, Fd fd, Node node);
    const Resolved& make_missing(std::string_view path);
    Node node_of(int fd) const;
    Fd open_made(int parent, const char* name) const;
    Node add(Node parent, const char* name, ino_t inode, Metadata metadata);
    void charge(const Metadata& metadata, std::size_t name_bytes);
    void finish_below(Node node, int fd, const std::vector<std::vector<Node>>& children);
    std::string path_of(Node node) const;

    int root_;
    InodeWriter& inodes_;
    Limits limits_;
    std::uint64_t memory_bytes_ = 0;
    std::vector<Directory> directories_;
    std::unordered_map<ino_t, Node> by_inode_;
    std::array<Resolved, 8> resolved_;
    std::uint64_t clock_ = 0;
};

} // namespace slipway::pull
