// The engines for deflate, each behind the same face and in a file of its own, so that a build uses
// one and the tests can try both. Internal to the room.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hh"
#include "stream/decoder.hh"

namespace slipway::stream {

/// One raw deflate stream (RFC 1951) after another, with the CRC-32 of what came out.
class Inflate {
public:
    virtual ~Inflate() = default;
    virtual void restart() = 0;
    /// As Decoder::step().
    virtual Step step(Bytes packed, std::span<std::byte> room) = 0;
    /// Once the stream has ended: bytes behind its end that were taken all the same; never more
    /// than the eight of a gzip trailer.
    virtual Bytes overrun() const noexcept = 0;
    /// Of everything made since restart().
    virtual std::uint32_t crc32() const noexcept = 0;
};

namespace isal {
std::unique_ptr<Inflate> make_inflate();
std::string engine();
} // namespace isal

namespace zlib {
std::unique_ptr<Inflate> make_inflate();
std::string engine();
} // namespace zlib

/// A gzip decoder on this engine.
std::unique_ptr<Decoder> make_gzip_decoder(std::unique_ptr<Inflate> inflate);

} // namespace slipway::stream
