// state.json, written and read.

#pragma once

#include <string>

#include "spawn/registry.hh"

namespace slipway::spawn {

/// In the machine's directory.
inline constexpr const char* kRecordFile = "state.json";

std::string record_to_json(const MachineRecord& record);
/// @throws Error Corrupt
MachineRecord record_from_json(const std::string& text);

} // namespace slipway::spawn
