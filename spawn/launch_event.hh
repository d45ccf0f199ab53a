// What slipway-supervise tells its starter on standard output, one JSON object a line.

#pragma once

#include <string>
#include <variant>

#include <sys/types.h>

#include "base/outcome.hh"

namespace slipway::spawn {

/// The machine has a first process.
struct Running {
    pid_t leader = 0;
    bool operator==(const Running&) const = default;
};
/// It has booted, as far as it can tell.
struct Ready {
    bool operator==(const Ready&) const = default;
};
/// It did not come to run, and nothing is left of it but what `text` names. The last line.
struct Failed {
    Kind kind = Kind::Other;
    std::string text;
    bool operator==(const Failed&) const = default;
};
/// The last line of one that ran.
struct Ended {
    int status = 0; ///< of the command, for a machine that is not booted; 128 + a signal's number
    std::string last_words; ///< on its console, the newest of it; empty without one
    bool operator==(const Ended&) const = default;
};
using LaunchEvent = std::variant<Running, Ready, Failed, Ended>;

/// Without the newline.
std::string event_to_json(const LaunchEvent& event);
/// @throws Error Internal: it is none
LaunchEvent event_from_json(const std::string& line);

} // namespace slipway::spawn
