// Compression on all cores. What comes out depends on what goes in, the format, the level and the
// libraries, never on how many threads worked on it or how the input was cut.

#pragma once

#include <memory>

#include "stream/format.hh"
#include "stream/sink.hh"

namespace slipway::stream {

struct EncodeOptions {
    Codec codec = Codec::Plain;
    unsigned level = 0;   ///< 0: the format's own choice; see check_level()
    unsigned threads = 1; ///< at most so many, and fewer where memory is short
};

/// A sink that packs what it is given and passes it on; finish() completes the stream and finishes
/// `next`. The packing threads are its own; `next` is called by whoever calls the sink.
/// @throws Error InvalidArgument: the level is none of this format
std::unique_ptr<Sink> make_encoder(Sink& next, const EncodeOptions& options);

} // namespace slipway::stream
