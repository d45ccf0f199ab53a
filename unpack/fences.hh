// How slipway-unpack confines itself, in each of its works.

#pragma once

#include "base/confine.hh"

namespace slipway::unpack {

/// The descriptors that the keeper starts it with.
inline constexpr int kControlFd = 3;
inline constexpr int kStagingFd = 4;

enum class Rights {
    None,       ///< reads and answers
    Tree,       ///< makes files of any owner, mode and kind
    Privileged, ///< and trusted.* and security.* attributes: CAP_SYS_ADMIN
};

/// Loads what unpacking reads from the host's file system, closes every descriptor but standard
/// error, the control socket and the staging, and raises all fences. Call before the first thread.
/// @throws Error Unsupported: nothing would hold
Confined raise_fences(View view, Rights rights);

} // namespace slipway::unpack
