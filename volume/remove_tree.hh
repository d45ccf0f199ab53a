// Deleting a whole tree, whatever an archive or an administrator has put into it.

#pragma once

#include <string>

namespace slipway::volume {

/// Deletes the entry `name` of `parent` and all it holds, in inode order and in bounded memory and
/// descriptors: paths of any depth, directories without any permission, immutable and append-only
/// files, nested subvolumes. Links are never followed and mounts never crossed. Nothing happens
/// when there is no such entry.
/// @throws Error Busy: something is mounted in it (names the place); Denied, Other. What could be
///         deleted before is deleted; calling again goes on
void remove_tree(int parent, const std::string& name);

} // namespace slipway::volume
