// Undo lists in JSON, for the two files that hold them.

#pragma once

#include <vector>

#include "base/json.hh"
#include "machine/launch_plan.hh"

namespace slipway::machine {

nlohmann::json undo_to_json(const std::vector<Undo>& list);
/// @throws nlohmann::json::exception, Error InvalidArgument
std::vector<Undo> undo_from_json(const nlohmann::json& list);

} // namespace slipway::machine
