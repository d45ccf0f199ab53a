// A network in which nothing is but this process, its children and loopback, and an /etc that only
// they see: there a test can be every host of the world by its name.

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace slipway::tests {

/// Moves the calling thread, and what it starts from now on, into a network namespace of its own,
/// and puts an overlay over /etc: what is written there is gone with the process. Once a process,
/// before there are threads. Why it cannot be done; nothing when it is.
std::optional<std::string> use_private_network();

/// After use_private_network(): these names lead to 127.0.0.1, and no other name to anywhere.
void point_hosts_here(const std::vector<std::string>& hosts);

} // namespace slipway::tests
