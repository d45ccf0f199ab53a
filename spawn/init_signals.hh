// How different first processes are asked to end: there is no signal that all of them know.

#pragma once

#include <string>
#include <string_view>

#include "spawn/process_id.hh"

namespace slipway::spawn {

struct InitSignals {
    int poweroff = 0;
    int reboot = 0;
    bool operator==(const InitSignals&) const = default;
};

/// @param program          the file name of what runs as the first process: "systemd", "busybox"
/// @param poweroff_signal  of the machine's settings (KillSignal=); empty: the init's own
/// @throws Error InvalidArgument: no such signal
InitSignals init_signals(std::string_view program, std::string_view poweroff_signal);

/// The file name of the program that a process runs; empty when it has ended.
std::string program_of(const ProcessId& process);

} // namespace slipway::spawn
