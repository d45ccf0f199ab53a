// systemd-nspawn at work for one boot of a machine: started in the machine's control groups, heard
// on its notify socket, its console written down.

#pragma once

#include <optional>
#include <string>

#include "base/child_process.hh"
#include "machine/launch_plan.hh"
#include "spawn/console_log.hh"
#include "spawn/console_server.hh"
#include "spawn/notify_socket.hh"
#include "spawn/terminal.hh"

namespace slipway::spawn {

/// The descriptors that a machine which is not booted has in the place of a console.
struct PassedDescriptors {
    Fd in;
    Fd out;
    Fd err;
};

/// What outlives a boot: the console, and where the engine tells how far it is.
class EngineHost {
public:
    /// @param directory  of the machine in the registry
    EngineHost(const machine::LaunchPlan& plan, const std::filesystem::path& directory,
               std::optional<PassedDescriptors> passed);

    /// @throws Error NotFound: systemd-nspawn is not installed
    ChildProcess start() const;

    /// The next thing it tells; see NotifySocket::next().
    std::optional<Notification> told_by(const ChildProcess& engine) {
        return notify_.next(engine.pid());
    }

    int notify_fd() const noexcept { return notify_.fd(); }
    /// Readable when the console says something; -1 without one.
    int console_fd() const noexcept { return terminal_ ? terminal_->master.get() : -1; }
    /// For the log, and for those attached.
    void pass_on_console();

    /// The newest that it has said.
    std::string last_words() const;

    /// Readable when somebody attached wants something; -1 without a console.
    int attached_fd() const noexcept { return server_ ? server_->fd() : -1; }
    void serve_attached(ChildProcess& engine);

private:
    const machine::LaunchPlan& plan_;
    std::filesystem::path notify_path_;
    NotifySocket notify_;
    std::optional<PassedDescriptors> passed_;
    std::optional<ConsoleLog> log_;
    std::optional<Terminal> terminal_;
    std::optional<ConsoleServer> server_;
};

/// Why the engine ended before there was a machine, in one line: its last words.
std::string last_words(const ChildProcess& engine);

} // namespace slipway::spawn
