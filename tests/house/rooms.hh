// The order of the rooms, in its one place, and the rule for what a file may include.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::tests {

/// From the ground up: a room may include itself and the rooms of lower floors. Rooms of one floor
/// do not know each other. docs/ARCHITECTURE.md shows the same floors; a test compares them.
inline const std::vector<std::vector<std::string>> kFloors{
    {"base"},
    {"stream", "volume"},
    {"fetch", "verify", "storage", "disk", "cache"},
    {"pull", "export"},
    {"unpack", "check", "machine"},
    {"transfer", "spawn"},
    {"jobs", "toolbox"},
    {"cli", "importd"},
};

/// Folders beside the house, which may look into every room and into themselves.
inline const std::vector<std::string> kYards{"tests", "bench"};

/// What is wrong with the includes of a file, one sentence each: "line 7: …". `path` is relative to
/// the top of the tree.
std::vector<std::string> wrong_includes(std::string_view path, std::string_view text);

} // namespace slipway::tests
