// Whether a machine's own systemd has booted it.

#pragma once

#include "base/wait.hh"
#include "spawn/guest.hh"

namespace slipway::toolbox {

/// Waits until the machine's systemd says that its start-up is over, well or not. At once true of a
/// machine without systemd or without a bus, which nobody can ask. False at the deadline, or when
/// it ends before.
bool wait_until_booted(const spawn::Guest& guest, const Deadline& deadline);

} // namespace slipway::toolbox
