// Decompression: one pass, member by member, codec found from the bytes and never from a name.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stream/format.hh"
#include "stream/sink.hh"
#include "stream/source.hh"

namespace slipway::stream {

/// What a codec may take. All in bytes.
struct DecodeLimits {
    /// Above this a window or dictionary is refused with need and limit named.
    std::uint64_t memory_bytes = 160 * MiB;
    /// Budget for decoding xz blocks on several threads; above it one thread is used.
    std::uint64_t threading_memory_bytes = 112 * MiB;
    unsigned threads = 2;
};

/// What decode() found.
struct Decoded {
    Codec codec = Codec::Plain;
    std::uint64_t members = 0;        ///< members, frames or streams decoded; 0 for plain
    std::uint64_t packed_bytes = 0;   ///< all bytes read, padding and garbage included
    std::uint64_t unpacked_bytes = 0; ///< bytes given to the sink
    std::uint64_t garbage_bytes = 0;  ///< bytes behind the last member that are not zero padding
    std::uint64_t garbage_offset = 0; ///< where the garbage starts, when there is some
};

/// Reads `in` to its end, writes what it holds to `out` and finishes `out`.
/// Bytes behind the end mark of the last member are drained, never content. An empty input is an
/// empty plain output.
/// @throws Error  Corrupt: damaged or truncated, with the codec and the offset in the packed
///                stream; Limit: more memory than `limits` allows. What was decoded before has
///                been written by then; the sink is not finished.
Decoded decode(Source& in, Sink& out, const DecodeLimits& limits);

/// The codec that these first bytes announce. Six bytes suffice to tell.
Codec detect_codec(Bytes start) noexcept;

/// "ISA-L 2.30.0" or "zlib 1.2.13": the engine built in for gzip, with its version. For `features`.
std::string gzip_engine();
/// "liblzma 5.4.1", …; for `features`.
std::string engine(Codec codec);

} // namespace slipway::stream
