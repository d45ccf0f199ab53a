// The settings of an image's machine, for the verbs that show and change them.

#pragma once

#include <string>

#include "cli/options.hh"
#include "machine/settings_places.hh"

namespace slipway::cli {

struct ImageSettings {
    machine::FoundSettings found;
    std::string text;  ///< of the file that counts; empty when none does
    std::string error; ///< it is the administrator's, and wrong: no machine starts with it
};

/// Also of a name that no image has yet.
/// @throws Error  a trusted file cannot be read
ImageSettings find_settings_of(const Options& options, const std::string& name);

} // namespace slipway::cli
