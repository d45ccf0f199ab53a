// A real sshd that stands for a machine's guest: its file system is this host's.

#pragma once

#include <optional>
#include <string>

#include "base/child_process.hh"
#include "tests/support/programs.hh"
#include "toolbox/ssh_guest.hh"

namespace slipway::tests {

/// Why no sshd can be started; nothing when it can.
std::optional<std::string> no_ssh_server();

/// Runs as long as the object lives, on a free port of 127.0.0.1, with its own host key,
/// configuration and /run. Takes the key of guest().
class SshServer {
public:
    SshServer();
    /// Everything that a guest is asked with lies in a directory of its own, which has an awkward
    /// name.
    const toolbox::SshGuest& guest() const noexcept { return guest_; }
    /// Kills what serves the connections that there are.
    void drop_connections() const;

private:
    TempDir top_;
    toolbox::SshGuest guest_;
    std::optional<ChildProcess> sshd_;
};

} // namespace slipway::tests
