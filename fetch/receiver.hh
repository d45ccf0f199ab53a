// Who receives the answer to a request.

#pragma once

#include "base/bytes.hh"
#include "fetch/response.hh"

namespace slipway::fetch {

/// The calls come within HttpClient::perform() or Exchange::go_on(), on their thread; what one
/// throws ends the exchange and leaves Exchange::result().
class Receiver {
public:
    virtual ~Receiver() = default;
    /// The header is complete. False: the body is not wanted.
    virtual bool on_header(const Response& response) = 0;
    /// Takes all of `data`, or says false when there is no room; then it is offered again once
    /// there is. Time without room is not counted against the server.
    virtual bool on_body(Bytes data) = 0;
    virtual bool has_room() const = 0;
};

} // namespace slipway::fetch
