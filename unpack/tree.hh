// `slipway-unpack tree`: one image from its packed bytes to a tree in the staging
// (docs/protocol.md §3).

#pragma once

#include "unpack/fences.hh"

namespace slipway::unpack {

/// Confines itself, reads the request from the control socket, unpacks, and gives exactly one final
/// answer. The end of the socket ends it without one. Returns the exit status.
int serve_tree(Rights rights);

} // namespace slipway::unpack
