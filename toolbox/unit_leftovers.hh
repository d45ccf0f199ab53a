// What stays when a unit's machine has ended, and how it goes: a second unit, which the machine's
// needs, and which undoes the list when nothing needs it any more. A reboot, in which systemd
// starts the machine's unit anew, leaves it standing; so it does not stand in the machine's own
// ExecStopPost=, which runs then, too.

#pragma once

#include <string>

#include "machine/launch_plan.hh"
#include "toolbox/service_manager.hh"

namespace slipway::toolbox {

/// "slipway-undo-NAME.service"
std::string leftovers_unit(const std::string& machine);

/// @param plan  with an undo list
TransientUnit make_leftovers_unit(const machine::LaunchPlan& plan);

} // namespace slipway::toolbox
