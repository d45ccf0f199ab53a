// Carrying out an undo list: after a machine's end by its supervisor, or by whoever finds that the
// supervisor was killed.

#pragma once

#include <string>
#include <vector>

#include "machine/launch_plan.hh"

namespace slipway::spawn {

struct NotUndone {
    machine::Undo step;
    std::string reason;
};

/// Last made, first gone. A step that was never made, or is undone already, is fine; one that fails
/// does not stop the others. What could not be undone.
std::vector<NotUndone> undo(const std::vector<machine::Undo>& list);

} // namespace slipway::spawn
