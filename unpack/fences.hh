// How slipway-unpack confines itself, in each of its works.

#pragma once

#include "base/confine.hh"

namespace slipway::unpack {

/// The descriptors that the keeper starts it with.
inline constexpr int kControlFd = 3;
inline constexpr int kTargetFd = 4;  ///< the tree, or the file of the disk, that it is about
inline constexpr int kScratchFd = 5; ///< of a disk; may be missing

enum class Rights {
    None,       ///< reads and answers
    Tree,       ///< makes files of any owner, mode and kind
    Privileged, ///< and trusted.* and security.* attributes: CAP_SYS_ADMIN
};

/// Loads what unpacking reads from the host's file system, closes every descriptor behind
/// `last_fd`, and raises all fences. Call before the first thread.
/// @param last_fd  kControlFd where nothing is unpacked
/// @throws Error Unsupported: nothing would hold
Confined raise_fences(View view, Rights rights, int last_fd);

/// The same for what only reads: the tree is read-only, and of Rights::Tree only the right to read
/// everything is kept.
Confined raise_reading_fences(View view, Rights rights, int last_fd);

} // namespace slipway::unpack
