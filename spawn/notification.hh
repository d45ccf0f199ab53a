// What an engine tells of the machine that it runs.

#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace slipway::spawn {

struct Notification {
    std::optional<pid_t> leader; ///< the machine's first process: it runs
    bool is_ready = false;       ///< it says that it has booted
    std::uint16_t ssh_port = 0;  ///< with `leader`: of the host's loopback, leads to it; 0: none
    bool boots_again = false;    ///< in the same process: what it was ready for is over
};

} // namespace slipway::spawn
