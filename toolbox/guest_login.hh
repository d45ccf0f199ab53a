// A login prompt in a machine that runs systemd.

#pragma once

#include <string>

#include "spawn/guest.hh"

namespace slipway::toolbox {

/// Has the machine's systemd start a getty on one of its terminals; it ends when the master is
/// closed.
/// @param terminal  its name there: "/dev/pts/3"
/// @throws Error
void start_getty(const spawn::Guest& guest, const std::string& terminal);

} // namespace slipway::toolbox
