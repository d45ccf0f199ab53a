// Where systemd-nspawn tells how far a machine is (sd_notify(3)).

#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include <sys/types.h>

#include "base/fd.hh"
#include "spawn/notification.hh"

namespace slipway::spawn {

/// The socket's file goes with the directory that it is in.
class NotifySocket {
public:
    /// @throws Error
    explicit NotifySocket(const std::filesystem::path& path);

    int fd() const noexcept { return fd_.get(); }

    /// The next message that waits and was sent by `sender`; others are dropped. Nothing when none
    /// waits.
    std::optional<Notification> next(pid_t sender);

private:
    Fd fd_;
};

/// What a message says: lines NAME=VALUE, of which X_NSPAWN_LEADER_PID and READY count.
Notification parse_notification(std::string_view message);

} // namespace slipway::spawn
