// A command in a running machine, with its exit status. Where the machine runs systemd it is a unit
// of that, with the machine's own fences; else a process of ours that has joined the machine.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/wait.hh"
#include "spawn/guest.hh"

namespace slipway::toolbox {

struct GuestCommand {
    spawn::GuestUser user;
    std::vector<std::string> command;     ///< argv; the first is looked up in the machine's PATH
    std::vector<std::string> environment; ///< "NAME=value", beside PATH, HOME and such
    std::array<int, 3> fds{0, 1, 2}; ///< its standard descriptors, borrowed; without a terminal
    std::string terminal;            ///< its terminal, in the machine; empty: none
};

/// Destroyed before its end: what was started goes on.
class GuestProcess {
public:
    virtual ~GuestProcess() = default;

    struct Awaited {
        int fd = -1;
        short events = 0;
        Deadline deadline;
    };
    /// What poll(2) is to wait for before the next process().
    virtual Awaited awaited() const = 0;

    /// Handles what waits. When the command has ended: its status, 128 + the number of the signal
    /// that ended it; 127 when there is no such command, 126 when it cannot be run.
    /// @throws Error  it could not be started, or the machine has gone
    virtual std::optional<int> process() = 0;

    /// For all that belongs to the command.
    virtual void signal(int signal) = 0;
};

/// As a transient unit, started through the machine's own bus. `guest` must outlive it.
/// @throws Error NotFound: nobody answers there
std::unique_ptr<GuestProcess> start_unit(const spawn::Guest& guest, const GuestCommand& command);

/// By joining the machine: with its first process's capabilities at most and without new
/// privileges, but without its filter of system calls. One thread.
/// @throws Error
std::unique_ptr<GuestProcess> start_joined(const spawn::Guest& guest, const GuestCommand& command);

struct StartedInGuest {
    std::unique_ptr<GuestProcess> process;
    std::string note; ///< for the person: which fence is missing; empty: none
};

/// The first where the machine runs systemd and its bus answers, else the second.
/// @throws Error
StartedInGuest start_in_guest(const spawn::Guest& guest, const GuestCommand& command);

} // namespace slipway::toolbox
