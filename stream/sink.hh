// Where bytes go.

#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.hh"

namespace slipway::stream {

/// One thread at a time. Destroyed without finish(): abandoned, nothing is kept. All functions
/// throw as Source::next does.
class Sink {
public:
    virtual ~Sink() = default;
    /// Room to write into, at least one byte, valid until the next call of any function. Blocks
    /// until there is some. Never called after finish(). Asked for twice without advance(), it
    /// is the same room.
    virtual std::span<std::byte> room() = 0;
    /// The first `size` bytes of the room given last are content now. 0 is allowed.
    virtual void advance(std::size_t size) = 0;
    /// No more will come: flush, check what only the end can tell, then finish the next sink.
    virtual void finish() = 0;

    /// Takes all of `data`, blocking until it has: copied into room after room, where a sink does
    /// not know better.
    virtual void write(Bytes data);
};

} // namespace slipway::stream
