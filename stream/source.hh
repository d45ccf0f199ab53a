// Where bytes come from.

#pragma once

#include "base/bytes.hh"

namespace slipway::stream {

/// One thread at a time. The view saves a copy at every stage: a codec reads from the chunk that
/// the network was received into, libarchive parses the chunk that the codec wrote.
class Source {
public:
    virtual ~Source() = default;
    /// The next bytes, at least one; empty only at the end of the stream. The view stays valid
    /// until the next call or the source's end.
    /// @throws Error     the stage failed; the stream must not be read again
    /// @throws Canceled  somebody asked to stop
    virtual Bytes next() = 0;
};

} // namespace slipway::stream
