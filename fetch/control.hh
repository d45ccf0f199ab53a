// slipway-fetch's end of the conversation with the keeper.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/fd.hh"
#include "fetch/wire.hh"

namespace slipway::fetch {

/// A request with the pipe that its body goes to.
struct Job {
    Request request;
    Fd pipe;
};

class Control {
public:
    explicit Control(Fd socket) noexcept : socket_(std::move(socket)) {}

    /// The first datagram; nothing when the keeper has left already.
    std::optional<Settings> settings();
    /// Waits for the next request; nothing when the keeper has left.
    std::optional<Job> next();
    /// Reads what waits, without blocking.
    /// @throws Canceled  the request that next() gave last was canceled, or the keeper has left
    void look();
    /// An answer to the request that next() gave last.
    /// @throws Canceled  the keeper has left
    void answer(const Answer& answer);
    int fd() const noexcept { return socket_.get(); }

private:
    // Waits for one datagram; false when the keeper has left.
    bool receive();

    Fd socket_;
    std::deque<Job> waiting_;
    std::uint64_t current_id_ = 0;
    bool current_canceled_ = false;
    bool keeper_left_ = false;
};

} // namespace slipway::fetch
