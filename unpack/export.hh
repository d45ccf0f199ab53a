// `slipway-unpack export-tar` and `export-raw`: an image on its way out (docs/protocol.md §3).

#pragma once

#include "export/wire.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {

/// Confines itself, reads the request from the control socket, writes, and gives exactly one final
/// answer. The end of the socket ends it without one. Returns the exit status.
int serve_export(exports::Work work, Rights rights);

} // namespace slipway::unpack
