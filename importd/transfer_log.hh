// What a transfer says to whoever waits for it with machinectl: the peer's sentences
// (transfer-behaviour.md §9), made of our events.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transfer/event.hh"
#include "transfer/job_record.hh"

namespace slipway::importd {

struct LogMessage {
    std::uint32_t priority = 6; ///< of syslog(3), 0 to 7
    std::string text;
    friend bool operator==(const LogMessage&, const LogMessage&) = default;
};

inline constexpr std::uint32_t kError = 3;
inline constexpr std::uint32_t kWarning = 4;
inline constexpr std::uint32_t kNotice = 5;
inline constexpr std::uint32_t kInfo = 6;
inline constexpr std::uint32_t kDebug = 7;

/// Of one transfer. Amounts are said at most once a second; the clock is the caller's.
class TransferLog {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// The lines of one event, of which there may be none.
    /// @param job  as it is after the event
    std::vector<LogMessage> lines(const transfer::JobRecord& job, const transfer::Event& event,
                                  Time now);

private:
    std::vector<LogMessage> started(const transfer::JobRecord& job);
    std::vector<LogMessage> progressed(const transfer::JobRecord& job,
                                       const transfer::Progress& progress, Time now);
    std::vector<LogMessage> arriving(const transfer::JobRecord& job,
                                     const transfer::Progress& progress);

    bool sized_ = false;              // the size of the download was said
    bool arrived_ = false;            // its end was
    std::optional<unsigned> percent_; // said last
    std::optional<Time> said_;        // when
};

} // namespace slipway::importd
