// The one exact comparison of trees: type, mode, owner, times, attributes, ACLs, hard-link groups,
// holes, contents and device numbers of everything beneath two directories.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace slipway::tests {

/// One name of a tree.
struct TreeNode {
    mode_t mode = 0; ///< with the type
    uid_t uid = 0;
    gid_t gid = 0;
    std::int64_t mtime_seconds = 0;
    std::int64_t mtime_nanoseconds = 0;
    std::uint64_t size_bytes = 0;                    ///< of a file or symlink
    dev_t device = 0;                                ///< of a device
    std::string target{};                            ///< of a symlink
    std::uint64_t contents = 0;                      ///< of a file: a hash of its bytes
    std::map<std::string, std::string> attributes{}; ///< ACLs are among them
    /// Stretches of a file that are allocated, [start, end) as SEEK_DATA finds them.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> data{};
    std::string first_link{}; ///< the first of the names that share the inode; empty: it is alone
};

/// By path relative to the root, whose own name is ".".
using Tree = std::map<std::string, TreeNode>;

/// Reads everything beneath `root` without following a symlink. Names are bytes.
Tree read_tree(const std::filesystem::path& root);

/// What to leave out of a comparison, for what an archive format cannot hold.
struct TreeTolerance {
    bool nanoseconds = false; ///< compare whole seconds of mtime
    bool holes = false;       ///< a hole may be allocated zeros, and the other way round
    bool attributes = false;
    bool root = false; ///< the root directory's own metadata
};

/// One line for each difference: "usr/bin/su: mode is 100755, expected 104755". Empty: equal.
std::vector<std::string> tree_differences(const Tree& expected, const Tree& found,
                                          const TreeTolerance& tolerance = {});

} // namespace slipway::tests
