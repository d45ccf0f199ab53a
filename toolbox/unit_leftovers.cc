// It has nothing to start, and is there as long as it is needed (systemd.unit(5),
// StopWhenUnneeded=).

#include "toolbox/unit_leftovers.hh"

#include "base/child_process.hh"
#include "machine/launch_plan.hh"
#include "machine/undo_json.hh"

namespace slipway::toolbox {

std::string leftovers_unit(const std::string& machine) {
    return "slipway-undo-" + machine + ".service";
}

TransientUnit make_leftovers_unit(const machine::LaunchPlan& plan) {
    const std::string program = find_program("slipway-supervise");
    TransientUnit unit{.name = leftovers_unit(plan.machine),
                       .properties = unit_properties_of({
                           "Description=What machine " + plan.machine + " leaves",
                           "CollectMode=inactive-or-failed",
                           "Type=oneshot",
                           "RemainAfterExit=yes",
                           "StopWhenUnneeded=yes",
                       })};
    unit.properties.push_back(
        exec_property("ExecStopEx", {program, "--undo", machine::undo_to_json(plan.undo).dump()}));
    return unit;
}

} // namespace slipway::toolbox
