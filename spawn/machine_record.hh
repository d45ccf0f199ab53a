// state.json, written and read.

#pragma once

#include <string>

#include "spawn/registry.hh"

namespace slipway::spawn {

std::string record_to_json(const MachineRecord& record);
/// @throws Error Corrupt
MachineRecord record_from_json(const std::string& text);

} // namespace slipway::spawn
