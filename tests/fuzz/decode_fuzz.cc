// Any bytes through decode(): no crash, no hang, bounded output, and the same result however the
// input is cut, on one thread or two, and with either gzip engine.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/error.hh"
#include "stream/codec.hh"
#include "stream/fd_stream.hh"
#include "stream/inflate.hh"

using namespace slipway;

namespace {

constexpr std::uint64_t kOutputBytes = 2 * MiB; // more is a Limit error of the sink

struct Outcome {
    std::optional<Kind> refused;
    std::string text; ///< of what was accepted
    std::uint64_t members = 0;
    std::uint64_t garbage_bytes = 0;
    bool operator==(const Outcome&) const = default;
};

template <typename Decode>
Outcome outcome_of(Bytes input, std::size_t piece, Decode decode) {
    stream::MemorySource in(input, piece);
    stream::MemorySink out(kOutputBytes);
    try {
        const stream::Decoded found = decode(in, out);
        return {std::nullopt, std::string(as_text(out.bytes())), found.members,
                found.garbage_bytes};
    } catch (const Error& error) {
        return {error.kind(), {}, 0, 0};
    }
}

Outcome decoded(Bytes input, std::size_t piece, unsigned threads) {
    stream::DecodeLimits limits;
    limits.memory_bytes = 16 * MiB;
    limits.threading_memory_bytes = 16 * MiB;
    limits.threads = threads;
    return outcome_of(input, piece, [&limits](stream::Source& in, stream::Sink& out) {
        return stream::decode(in, out, limits);
    });
}

Outcome decoded_by(std::unique_ptr<stream::Inflate> engine, Bytes input) {
    const auto decoder = stream::make_gzip_decoder(std::move(engine));
    return outcome_of(input, input.size(), [&decoder](stream::Source& in, stream::Sink& out) {
        return stream::decode_with(*decoder, stream::Codec::Gzip, in, out);
    });
}

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "decode_fuzz: %s\n", what));
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input = std::as_bytes(std::span(data, size));
    const Outcome whole = decoded(input, std::max<std::size_t>(size, 1), 1);
    require(decoded(input, 1, 1) == whole, "a byte at a time gives another result");
    require(decoded(input, 7, 1) == whole, "seven bytes at a time give another result");
    const stream::Codec codec = stream::detect_codec(input);
    if (codec == stream::Codec::Xz) {
        const Outcome threaded = decoded(input, 64, 2);
        require(threaded.refused.has_value() == whole.refused.has_value() &&
                    threaded.text == whole.text,
                "two threads give another result");
    }
#if defined(SLIPWAY_HAVE_ISAL) && defined(SLIPWAY_HAVE_ZLIB)
    if (codec == stream::Codec::Gzip) {
        // ISA-L takes code tables that zlib calls incomplete; CRC-32 and length vouch for what
        // comes out of them all the same.
        const Outcome by_zlib = decoded_by(stream::zlib::make_inflate(), input);
        require(by_zlib.refused || decoded_by(stream::isal::make_inflate(), input) == by_zlib,
                "ISA-L gives another result than zlib");
    }
#endif
    return 0;
}
