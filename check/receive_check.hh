// What the keeper asks of slipway-check, with everything that has to be read for it.

#pragma once

#include <chrono>

#include "base/fd.hh"
#include "check/check_signatures.hh"

namespace slipway::check {

struct ReceivedCheck {
    CheckRequest request;
    std::chrono::milliseconds engine_patience{0};
    Fd stream; ///< CheckForm::Streamed: where the statement comes from
    Fd output; ///< where the text of a clearsigned document goes, or a list of keys
};

/// Waits for all datagrams of one request.
/// @throws Error Internal: the keeper has ended, or it is not what the protocol says; Limit
ReceivedCheck receive_check(int control);

} // namespace slipway::check
