// The [Network] section says in several words what network a machine has; this puts them together.

#pragma once

#include <optional>
#include <string>

#include "machine/settings.hh"

namespace slipway::machine {

/// As they stand in a file.
struct NetworkWords {
    std::optional<bool> is_private;
    std::optional<bool> veth;
    std::optional<std::string> bridge;
    std::optional<std::string> zone;
    bool operator==(const NetworkWords&) const = default;
};

/// Gives `settings` the network that the words, and the interfaces that it has already, mean
/// together; none when nothing is said. As with systemd-nspawn VirtualEthernet=no alone is the
/// host's network.
/// @throws Error InvalidArgument: they contradict each other
void set_network(Settings& settings, const NetworkWords& words);

} // namespace slipway::machine
