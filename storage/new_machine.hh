// What makes a system the one machine that it is, and has to go before a copy of it can be another:
// two machines with one machine ID get one address from a DHCP server (machine-id(5)), and two with
// one SSH host key are one to everybody who connects.

#pragma once

#include <string>
#include <vector>

namespace slipway::storage {

/// Resets, in the tree of a system, each of these that is there: machine ID, SSH host keys, random
/// seed, stored credentials, DHCP leases, cloud-init's state. What is taken away is made anew by
/// its owner when the machine boots; host keys by cloud-init or `ssh-keygen -A`.
/// @param root  the tree's top, open for reading; nobody else changes the tree. Borrowed
/// @returns for people, one a thing that was reset: "machine ID (etc/machine-id)"
/// @throws Error  one could not be reset: names it. What was reset before stays so
std::vector<std::string> make_new_machine(int root);

} // namespace slipway::storage
