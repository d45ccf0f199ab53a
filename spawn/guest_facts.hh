// What lists show of a running machine beside its record.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spawn/guest.hh"

namespace slipway::spawn {

struct GuestSystem {
    std::string id;      ///< "debian"; empty: it does not say
    std::string version; ///< "12"
};

/// As its os-release(5) says.
GuestSystem system_of(const Guest& guest);
/// The value of one variable in such a file; empty when it is not there.
std::string find_variable(std::string_view os_release, std::string_view name);

/// All that is in it.
std::map<std::string, std::string> os_release_of(const Guest& guest);

/// IPv4 and IPv6 addresses of the machine's interfaces but loopback, without those that are good on
/// one link alone. None for a machine that shares the host's network.
std::vector<std::string> addresses_of(const Guest& guest);

} // namespace slipway::spawn
