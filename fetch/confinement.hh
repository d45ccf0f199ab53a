// What slipway-fetch gives up before it meets the network.

#pragma once

#include "base/confine.hh"

namespace slipway::fetch {

/// The host's tree read-only (resolv.conf, nsswitch.conf, certificates), the network as it is, the
/// user slipway-fetch or nobody, no capability, no exec.
Confined confine_fetch();

} // namespace slipway::fetch
