// `slipway-unpack inspect`: what a stored system says of itself (docs/protocol.md §3).

#pragma once

#include "pull/inspector.hh"

namespace slipway::unpack {

/// Reads the four files beneath an open directory, as from within the system: symlinks lead to
/// places in the tree, and never out of it. What is missing, no regular file, or too large is not
/// said.
pull::SystemIdentity read_identity(int root);

/// Confines itself with the tree as all that it sees, reads, and answers once. Returns the exit
/// status.
int serve_inspect();

} // namespace slipway::unpack
