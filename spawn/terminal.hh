// A pseudo-terminal of the host.

#pragma once

#include "base/fd.hh"

namespace slipway::spawn {

struct Terminal {
    Fd master;
    Fd slave;
};

/// Becomes nobody's controlling terminal.
/// @throws Error
Terminal open_terminal();

} // namespace slipway::spawn
