// `slipway-unpack documents`: what checksum documents say, read where they can do no harm
// (docs/protocol.md §3).

#pragma once

namespace slipway::unpack {

/// Confines itself with nothing in view, then answers one request after the other until the
/// control socket ends. Returns the exit status.
int serve_documents();

} // namespace slipway::unpack
