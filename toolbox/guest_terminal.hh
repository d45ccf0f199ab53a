// A pseudo-terminal of a machine's own: ours would have no name there.

#pragma once

#include <string>

#include "base/fd.hh"
#include "spawn/guest.hh"

namespace slipway::toolbox {

struct GuestTerminal {
    Fd master;
    std::string name; ///< of the slave, in the machine: "/dev/pts/3"
};

/// @throws Error
GuestTerminal open_guest_terminal(const spawn::Guest& guest);

} // namespace slipway::toolbox
