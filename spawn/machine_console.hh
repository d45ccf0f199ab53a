// What a machine has for a console, through all its boots: a terminal of ours, written down and
// shown to those who are attached; or the descriptors that a command was given.

#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "spawn/console_log.hh"
#include "spawn/console_server.hh"
#include "spawn/terminal.hh"

namespace slipway::spawn {

/// The descriptors that a machine which is not booted has in the place of a console.
struct PassedDescriptors {
    Fd in;
    Fd out;
    Fd err;
};

class MachineConsole {
public:
    /// @param directory  of the machine in the registry
    /// @throws Error
    MachineConsole(const std::filesystem::path& directory, std::optional<PassedDescriptors> passed);

    /// Makes it the standard input and output of a child. The child's standard error is kept with
    /// it, unless it was passed, too.
    void give_to(ChildSpec& child) const;

    /// Readable when the console says something; -1 without one.
    int fd() const noexcept { return terminal_ ? terminal_->master.get() : -1; }
    /// For the log, and for those attached.
    void pass_on();
    /// The newest that it has said.
    std::string last_words() const;

    /// Readable when somebody attached wants something; -1 without a console.
    int attached_fd() const noexcept { return server_ ? server_->fd() : -1; }
    /// True: the terminal has another size.
    bool serve_attached() { return server_->process(); }

private:
    std::optional<PassedDescriptors> passed_;
    std::optional<ConsoleLog> log_;
    std::optional<Terminal> terminal_;
    std::optional<ConsoleServer> server_;
};

} // namespace slipway::spawn
