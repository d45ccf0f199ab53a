// A process that is written down somewhere: its number alone may belong to another one by now.

#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "base/fd.hh"

namespace slipway::spawn {

struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start_time = 0; ///< ticks since the host's boot (proc(5), stat, field 22)
    bool operator==(const ProcessId&) const = default;
};

/// The process of that number; nothing when there is none, or it has ended and waits to be reaped.
std::optional<ProcessId> find_process(pid_t pid);

bool is_alive(const ProcessId& process);

/// A pidfd, which nobody else can come by; empty when the process has ended.
Fd open_process(const ProcessId& process);

/// Sends a signal. False when the process has ended.
/// @throws Error Denied
bool signal_process(const ProcessId& process, int signal);

} // namespace slipway::spawn
