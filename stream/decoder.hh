// What one codec does: a step at a time, so that the order of members, padding and garbage, and
// the offsets in messages, are written once (stream/decode.cc). Internal to the room.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.hh"
#include "stream/decode.hh"

namespace slipway::stream {

/// The first bytes of a member that begin() gets: a zstd frame header has at most 18.
inline constexpr std::size_t kHeadBytes = 18;

struct Step {
    std::size_t taken = 0;        ///< packed bytes used up
    std::size_t made = 0;         ///< bytes written to the room
    bool member_ended = false;    ///< the end mark was reached and all checks agree
    std::optional<Error> problem; ///< why it cannot go on; taken and made count all the same
};

class Decoder {
public:
    virtual ~Decoder() = default;
    /// Gets ready for a member that starts with `head`; these bytes come again through step().
    /// @throws Error  Limit, Unsupported: it cannot be decoded here
    virtual void begin(Bytes head) = 0;
    /// Decodes from `packed` into `room` until one of them is used up or the member ends. Nothing
    /// in `packed` means that the input has ended. A step that neither takes nor makes anything
    /// says that it cannot go on without more of either.
    virtual Step step(Bytes packed, std::span<std::byte> room) = 0;
};

std::unique_ptr<Decoder> make_gzip_decoder();
std::unique_ptr<Decoder> make_xz_decoder(const DecodeLimits& limits);
std::unique_ptr<Decoder> make_zstd_decoder(const DecodeLimits& limits);
std::unique_ptr<Decoder> make_bzip2_decoder();
std::unique_ptr<Decoder> make_lz4_decoder();

/// Names and versions of the libraries behind them.
std::string xz_engine();
std::string zstd_engine();
std::string bzip2_engine();
std::string lz4_engine();

/// decode() with a given decoder for `codec`, whatever the bytes announce.
Decoded decode_with(Decoder& decoder, Codec codec, Source& in, Sink& out);

} // namespace slipway::stream
