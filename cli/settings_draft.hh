// What a person begins with who edits the settings of a machine.

#pragma once

#include <string>
#include <string_view>

#include "machine/settings_places.hh"

namespace slipway::cli {

/// The text of the file that counts, where one does; else a template. What the administrator's
/// directory holds is trusted: of a file that was not, the lines that did not count become comments
/// with the reason, so that none of them counts only because it was opened in an editor.
/// @param text  of the file that counts
std::string settings_draft(const std::string& machine, const machine::FoundSettings& found,
                           std::string_view text);

} // namespace slipway::cli
