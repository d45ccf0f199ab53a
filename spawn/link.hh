// Network interfaces of the host, over rtnetlink(7).

#pragma once

#include <string>

namespace slipway::spawn {

/// Deletes it; one that is not there is fine.
/// @throws Error
void remove_link(const std::string& name);

} // namespace slipway::spawn
