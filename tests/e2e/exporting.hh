// Exports as a person asks for them.

#pragma once

#include <string>
#include <vector>

#include "tests/e2e/scene.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

/// The command line for one image of the scene's pool.
/// @param words  options and FILE, behind the name
std::vector<std::string> export_command(const Scene& scene, const std::string& verb,
                                        const std::vector<std::string>& words,
                                        const std::string& name = "image");

/// The same, run to its end.
RunResult export_image(const Scene& scene, const std::string& verb,
                       const std::vector<std::string>& words, const std::string& name = "image");

/// Every name in a directory, hidden ones included, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

} // namespace slipway::tests
