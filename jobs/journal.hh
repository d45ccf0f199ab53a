// Where the daemon says what it does: to the journal, with fields that can be asked for
// (journalctl SLIPWAY_JOB=7), where its standard error is the journal's, else as lines on standard
// error. One thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::jobs {

/// syslog(3)'s, with its numbers.
enum class Priority { Emerg, Alert, Crit, Err, Warning, Notice, Info, Debug };

/// "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug": the words of LogControl1.
std::string_view word(Priority priority) noexcept;
/// Those words and the numbers 0 to 7; nothing for another.
std::optional<Priority> find_priority(std::string_view word) noexcept;

enum class LogTarget {
    Auto,    ///< the journal when standard error is connected to it, else standard error
    Console, ///< standard error
    Journal, ///< the journal; standard error where there is none
    Null,    ///< nowhere
};

/// "auto", "console", "journal", "null".
std::string_view word(LogTarget target) noexcept;
std::optional<LogTarget> find_log_target(std::string_view word) noexcept;

/// Further fields of an entry: a name in capitals and its value, which may hold anything.
using JournalFields = std::vector<std::pair<std::string_view, std::string>>;

class Journal {
public:
    /// @param program  the name in front of lines, and SYSLOG_IDENTIFIER
    explicit Journal(std::string program);

    /// Less urgent entries are dropped.
    void set_level(Priority level) noexcept { level_ = level; }
    Priority level() const noexcept { return level_; }
    void set_target(LogTarget target) noexcept { target_ = target; }
    LogTarget target() const noexcept { return target_; }
    const std::string& program() const noexcept { return program_; }

    /// Never fails: what cannot be said is lost.
    /// @param text  one sentence; what it took from outside is quoted already
    void write(Priority priority, std::string_view text,
               const JournalFields& fields = {}) const noexcept;

private:
    bool goes_to_journal() const noexcept;

    std::string program_;
    bool stderr_is_journal_;
    Priority level_ = Priority::Info;
    LogTarget target_ = LogTarget::Auto;
};

} // namespace slipway::jobs
