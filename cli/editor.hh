// The editor that a person wants.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/child_process.hh"

namespace slipway::cli {

/// The command: $SLIPWAY_EDITOR, $VISUAL or $EDITOR, the first that is set, its words parted by
/// blanks and never given to a shell; else the first of editor, nano and vi that is there.
/// @throws Error NotFound: there is none
std::vector<std::string> find_editor();

/// Opens a file in it, on our terminal, and waits until it is closed. C-c is the editor's.
ChildExit run_editor(const std::vector<std::string>& editor, const std::filesystem::path& file);

} // namespace slipway::cli
