// Sockets on loopback for fixtures.

#pragma once

#include <array>
#include <cstdint>

#include "base/fd.hh"

namespace slipway::tests {

/// Listens on this port of 127.0.0.1; 0: a free one.
Fd listen_on(std::uint16_t port);
std::uint16_t port_of(const Fd& socket);
/// A connection to this port of 127.0.0.1; nothing when it is refused.
Fd connect_to(std::uint16_t port);

/// Waits for nothing to be sent and sends a reset when the descriptor is closed.
void reset_on_close(int socket);

/// A port on which connection attempts are never answered: as long as the object lives its queue
/// is full, and Linux drops what does not fit.
class BlackHole {
public:
    /// @param port  0: a free one
    /// @param ipv6  on ::1 instead of 127.0.0.1
    explicit BlackHole(std::uint16_t port = 0, bool ipv6 = false);
    std::uint16_t port() const noexcept { return port_; }

private:
    Fd listener_;
    std::uint16_t port_;
    std::array<Fd, 2> fillers_;
};

} // namespace slipway::tests
