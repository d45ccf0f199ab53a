// org.freedesktop.LogControl1 (org.freedesktop.LogControl1(5)): how much is logged, and where to.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bus_object.hh"

namespace slipway::importd {

struct LogSettings {
    std::uint32_t max_priority = 6; ///< of syslog(3); less urgent lines are dropped
    /// "auto" (the journal where there is one), "journal", "console" or "null".
    std::string target = "auto";
};

/// "info" …; the words of systemd.
std::string word_of_priority(std::uint32_t priority);
/// Word or number. @throws Error InvalidArgument
std::uint32_t parse_priority(const std::string& word);

class LogControl {
public:
    /// @param connection  must outlive this, as must `settings`, which is changed by callers whom
    ///                    the bus's policy lets
    /// @param changed     called after each change
    LogControl(bus::Connection& connection, LogSettings& settings, std::function<void()> changed);

private:
    bus::Object object_;
};

} // namespace slipway::importd
