// What slipway-fetch does: the keeper's requests, a few at a time, until it leaves.

#pragma once

#include "fetch/control.hh"
#include "fetch/http_transfer.hh"

namespace slipway::fetch {

/// One thread, one loop: a request that stalls, waits or is refused holds up none of the others.
void serve(Control& control, const Settings& settings, const Environment& environment);

} // namespace slipway::fetch
