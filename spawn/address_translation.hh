// Address translation on the host for one machine: what it sends elsewhere comes from the host, and
// a port of the host's leads to it.

#pragma once

#include <string>

#include "spawn/netlink.hh"

namespace slipway::spawn {

/// Makes the host forward IPv4, and the table, in the place of one of that name.
/// @param table  "inet slipway-web": family and name
/// @throws Error Unsupported: nft(8) is not installed, names the package
void masquerade(const std::string& table, const Subnet& subnet);

/// Takes away where systemd-nspawn, that was killed, has led a port of the host's: unless the host
/// has a way to the address there, because another machine has taken the port over.
/// @param port  "tcp 8080"
/// @throws Error
void release_port(const std::string& port);

/// A table that is not there is fine.
/// @throws Error
void remove_table(const std::string& table);

} // namespace slipway::spawn
