// Whether a name on the bus is anybody's. A name that a service file would start somebody for is
// that service's, also while it does not run.

#pragma once

#include <string>

#include "base/bus.hh"

namespace slipway::importd {

/// Whether nobody owns the name but ourselves, and nobody can be started for it. Blocks for the
/// answers of the bus.
/// @throws Error  the bus does not answer
bool is_free_name(bus::Connection& connection, const std::string& name);

/// When what could be started has changed: something was installed, or removed. Blocks until the
/// bus has taken the rule.
[[nodiscard]] bus::Subscription watch_activatable(bus::Connection& connection,
                                                  std::function<void()> handler);

/// Whether somebody can be started for the name now; asked without waiting.
void ask_activatable(bus::Peer& driver, const std::string& name, std::function<void(bool)> answer);

} // namespace slipway::importd
