// What a unit has written to the host's journal, by journalctl(1).

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "base/pipe.hh"

namespace slipway::toolbox {

/// The last lines that processes of the unit itself have written, not what systemd says of it; text
/// as it came, unescaped. Empty where the journal cannot be asked.
std::string last_journal_lines(const std::string& unit, int lines,
                               std::chrono::system_clock::time_point since = {});

/// What processes of a unit write, from its last lines on.
class FollowedJournal {
public:
    /// @param lines  of what was written before
    /// @throws Error NotFound: there is no journalctl(1)
    FollowedJournal(const std::string& unit, std::size_t lines);

    /// Readable when something was written, or journalctl has ended.
    int fd() const noexcept { return said_.get(); }
    /// Some of it, text as it came; empty: journalctl has ended.
    std::string read();

private:
    FollowedJournal(Pipe pipe, const std::vector<std::string>& arguments);

    Fd said_;
    ChildProcess journal_;
};

/// Waits until all that was written before can be read.
void sync_journal();

} // namespace slipway::toolbox
