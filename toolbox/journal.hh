// What a unit has written to the host's journal, by journalctl(1).

#pragma once

#include <chrono>
#include <string>

namespace slipway::toolbox {

/// The last lines that processes of the unit itself have written, not what systemd says of it; text
/// as it came, unescaped. Empty where the journal cannot be asked.
std::string last_journal_lines(const std::string& unit, int lines,
                               std::chrono::system_clock::time_point since = {});

} // namespace slipway::toolbox
