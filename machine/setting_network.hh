// Settings that name interfaces and ports. Every function throws Error InvalidArgument with what
// was expected and found.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machine/machine_spec.hh"

namespace slipway::machine {

/// At most 15 bytes, as systemd's ifname_valid() has them.
std::string parse_interface(std::string_view value);

/// A zone's bridge is called "vz-ZONE".
std::string parse_zone(std::string_view value);

/// "HOST" or "HOST:MACHINE", between blanks.
std::vector<HostLink> parse_host_links(std::string_view value, HostLink::Kind kind);

/// "HOST" or "HOST:MACHINE" to the latter.
std::string parse_extra_veth(std::string_view value);

/// "[tcp:|udp:]HOST[:MACHINE]"; without the latter it is the same.
Port parse_port(std::string_view value);

struct NetworkChoice {
    Network network = Network::Veth;
    std::string of;
    bool operator==(const NetworkChoice&) const = default;
};

/// The value of --network=: "none", "host", "user", "veth", "nat", "bridge:NAME", "zone:NAME",
/// "macvlan:NAME", "interface:NAME".
NetworkChoice parse_network(std::string_view value);

} // namespace slipway::machine
