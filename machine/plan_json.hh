// A launch plan as slipway-supervise reads it, one JSON object.

#pragma once

#include <string>

#include "machine/launch_plan.hh"

namespace slipway::machine {

/// Of plans for slipway-supervise: what belongs to units alone is left out.
std::string plan_to_json(const LaunchPlan& plan);
/// @throws Error InvalidArgument: it is no such plan
LaunchPlan plan_from_json(const std::string& text);

} // namespace slipway::machine
