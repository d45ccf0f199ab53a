// Who receives the answer to a GET.

#pragma once

#include <vector>

#include <poll.h>

#include "base/bytes.hh"
#include "fetch/response.hh"

namespace slipway::fetch {

/// Every call comes on the thread that called HttpClient::get(), within it; what one throws ends
/// the GET and leaves get().
class Receiver {
public:
    virtual ~Receiver() = default;
    /// The header is complete. False: the body is not wanted.
    virtual bool on_header(const Response& response) = 0;
    /// Takes all of `data`, or says false when there is no room; then it is offered again after
    /// on_turn() has made some. Time without room is not counted against the server.
    virtual bool on_body(Bytes data) = 0;
    /// Called between any two waits, also while nothing comes. True: there is room.
    virtual bool on_turn() = 0;
    /// What else to wait for besides the network.
    virtual std::vector<pollfd> wakers() const = 0;
};

} // namespace slipway::fetch
