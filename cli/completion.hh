// What shells know of slipway's command line, from the tables.

#pragma once

#include <string>

namespace slipway::cli {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

} // namespace slipway::cli
