// Settings that name paths of the host and where they are in the machine: parts between colons, in
// which "\:" is a colon. Every function throws Error InvalidArgument with what was expected and
// found.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machine/machine_spec.hh"

namespace slipway::machine {

/// "SOURCE", "SOURCE:TARGET", "SOURCE:TARGET:OPTIONS".
BindMount parse_bind(std::string_view value);

/// "LOWER:…:UPPER:TARGET", or "LOWER:UPPER" when UPPER is the target, too.
OverlayMount parse_overlay(std::string_view value);

/// "PATH", "PATH:OPTIONS"; as it is.
std::string parse_temporary_file_system(std::string_view value);

/// "NEW", "NEW:OLD"; as it is.
std::string parse_pivot_root(std::string_view value);

/// The parts with their colons and backslashes escaped, as the engine reads them.
std::string join_parts(const std::vector<std::string>& parts);

} // namespace slipway::machine
