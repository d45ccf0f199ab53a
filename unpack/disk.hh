// `slipway-unpack disk`: one image from its packed bytes to a sparse file, a sibling byte for byte,
// or only a digest (docs/protocol.md §3).

#pragma once

namespace slipway::unpack {

/// Confines itself with nothing in view: it has the descriptors that it was started with, and no
/// capability. Then as serve(). Returns the exit status.
int serve_disk();

} // namespace slipway::unpack
