// When something is tried again, and after how long. Pure functions.

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "fetch/wire.hh"

namespace slipway::fetch {

/// What ended one attempt.
enum class Trouble {
    None,        ///< the answer came to its end
    Unreachable, ///< name, route, connection or handshake: nothing was asked yet
    Cut,         ///< the connection ended within the answer or before it
    Stalled,     ///< the line was too slow while we were asking
    Busy,        ///< the server asked to come again: 408, 429, 5xx
    Lasting,     ///< will be the same next time: a certificate, a malformed answer
};

/// @param answered_before  something has answered in this job. A host that was never reached is
///                         not waited for: it is more likely mistyped than rebooting.
bool is_retried(Trouble trouble, bool answered_before) noexcept;

/// Statuses that ask to come again: 408, 429 and 5xx.
bool is_busy(int status) noexcept;

/// 1, 2, 4, 8, 16, 30, 30 … times the first step, or what the server asked for when that is longer.
/// @param attempt      how many failed in a row, from 1
/// @param retry_after  up to 120, in units of the first step
std::chrono::milliseconds retry_delay(unsigned attempt, std::chrono::milliseconds first_step,
                                      std::optional<std::chrono::seconds> retry_after = {});

/// Retry-After (RFC 9110 §10.2.3): seconds, or a date, which is measured against the answer's own
/// Date so that our clock does not matter. Nothing when it cannot be read.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::string_view date);

} // namespace slipway::fetch
