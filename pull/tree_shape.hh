// What came out of an archive, seen as a whole: a tree, a tree one directory too deep, or
// something else that only looks like a tree.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pull/directory_tree.hh"

namespace slipway::pull {

struct Hoisted {
    std::string top;            ///< the directory that was moved up; empty: none
    std::uint64_t left_out = 0; ///< plain files beside it, removed
};

/// Moves the contents of a lone top directory such as "root.x86_64" up when an operating-system
/// tree lies in it (usr/, or bin/ and etc/); plain files beside it are removed and counted. With
/// anything else at the top, or an operating-system tree there, all stays as it is.
Hoisted hoist(int root, DirectoryTree& directories);

/// Where the tree is a container image in its layers: what it is and what helps, as a sentence.
std::optional<std::string> find_layered_image(int root);

} // namespace slipway::pull
