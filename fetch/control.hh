// slipway-fetch's end of the conversation with the keeper.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

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

    /// Waits for the first datagram; nothing when the keeper has left already.
    std::optional<Settings> settings();
    /// Reads what waits, without blocking. The ids of requests that next() gave and that are
    /// canceled now.
    std::vector<std::uint64_t> look();
    /// The next request in the order of arrival; nothing when none waits.
    std::optional<Job> next();
    void answer(std::uint64_t id, const Answer& answer);
    /// Seen by look() or answer(): there is nobody left to work for.
    bool keeper_left() const noexcept { return keeper_left_; }
    int fd() const noexcept { return socket_.get(); }

private:
    void take_request(Request request, std::vector<Fd> fds);

    Fd socket_;
    std::deque<Job> waiting_;
    bool keeper_left_ = false;
};

} // namespace slipway::fetch
