// Which addresses a machine gets where nobody else gives it any.

#pragma once

#include <span>
#include <string_view>

#include "spawn/netlink.hh"

namespace slipway::spawn {

/// Sixteen addresses out of 10.201.0.0/16: the first is the host's end's, the second the machine's.
/// The machine's name says which, so that it has the same ones every time it runs, unless they are
/// taken.
/// @param taken  what the host has routes to
/// @throws Error Busy: there are none left
Subnet choose_subnet(std::string_view machine, std::span<const Subnet> taken);

inline std::uint32_t host_address(const Subnet& subnet) noexcept {
    return subnet.network + 1;
}
inline std::uint32_t machine_address(const Subnet& subnet) noexcept {
    return subnet.network + 2;
}

} // namespace slipway::spawn
