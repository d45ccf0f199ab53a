// `slipway-unpack inspect-disk`: how a stored disk boots (docs/protocol.md §3).

#pragma once

namespace slipway::unpack {

/// Confines itself to the disk's descriptor, looks, and answers once. Returns the exit status.
int serve_inspect_disk();

} // namespace slipway::unpack
