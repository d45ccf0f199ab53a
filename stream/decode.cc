// One pass over members: decode one to its end mark, look whether another follows, else drain.
// The codecs themselves are in stream/decode_*.cc, the magics in stream/codec.cc.

#include "stream/decode.hh"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/error.hh"
#include "stream/codec.hh"
#include "stream/decoder.hh"
#include "stream/packed_reader.hh"

namespace slipway::stream {
namespace {

constexpr std::byte kZero{0};
// Most codec libraries count in 32 bits.
constexpr std::size_t kStepBytes = 1 * GiB;

Bytes capped(Bytes bytes) noexcept {
    return bytes.first(std::min(bytes.size(), kStepBytes));
}

/// One decoding: the packed side, the sink, and what was found so far.
class Run {
public:
    Run(PackedReader& packed, Sink& out, Codec codec) : packed_(packed), out_(out) {
        found_.codec = codec;
    }

    Run(PackedReader& packed, Sink& out) : Run(packed, out, Codec::Plain) {
        found_.codec = detect_codec(packed_.peek(kMagicBytes));
        // zstd and lz4 share skippable frames: what comes after the first ones tells.
        while (begins_skippable(packed_.peek(kMagicBytes))) {
            skip_frame();
            if (detect_codec(packed_.peek(kMagicBytes)) == Codec::Lz4) {
                found_.codec = Codec::Lz4;
            }
        }
    }

    Codec codec() const noexcept { return found_.codec; }

    Decoded copy_plain() {
        for (Bytes bytes = packed_.view(); !bytes.empty(); bytes = packed_.view()) {
            out_.write(bytes);
            found_.unpacked_bytes += bytes.size();
            packed_.take(bytes.size());
        }
        return finished();
    }

    Decoded decode_members(Decoder& decoder) {
        while (another_member()) {
            ++found_.members;
            decode_member(decoder);
        }
        drain();
        return finished();
    }

private:
    void decode_member(Decoder& decoder) {
        try {
            decoder.begin(packed_.peek(kHeadBytes));
        } catch (Error& error) {
            add_place(error);
            throw;
        }
        bool stuck = false;
        for (;;) {
            const Bytes bytes = capped(packed_.view());
            const std::span<std::byte> room = out_.room();
            Step step = decoder.step(bytes, room.first(std::min(room.size(), kStepBytes)));
            packed_.take(step.taken);
            out_.advance(step.made);
            found_.unpacked_bytes += step.made;
            if (step.problem) {
                add_place(*step.problem);
                throw *step.problem;
            }
            if (step.member_ended) {
                return;
            }
            // liblzma may return once without progress while its threads work.
            const bool idle = step.taken == 0 && step.made == 0;
            if (idle && bytes.empty()) {
                throw_truncated();
            }
            if (idle && stuck) {
                Error error(Kind::Corrupt, "the decoder makes no progress");
                add_place(error);
                throw error;
            }
            stuck = idle;
        }
    }

    // Whether a member follows here; what may stand before it is skipped.
    bool another_member() {
        for (;;) {
            skip_stream_padding();
            const Bytes start = packed_.peek(kMagicBytes);
            if (has_skippable(found_.codec) && begins_skippable(start)) {
                skip_frame();
                continue;
            }
            if (is_cut_magic(found_.codec, start)) {
                packed_.skip(start.size());
                ++found_.members;
                throw_truncated();
            }
            return begins_member(found_.codec, start);
        }
    }

    // "The .xz File Format" 2.2: zeros, a multiple of four bytes, may stand between streams. No
    // other codec has padding between members: what follows zeros there is garbage.
    void skip_stream_padding() {
        if (found_.codec != Codec::Xz) {
            return;
        }
        const std::uint64_t start = packed_.offset();
        skip_zeros();
        const std::uint64_t padding = packed_.offset() - start;
        if (padding % 4 != 0 && begins_member(found_.codec, packed_.peek(kMagicBytes))) {
            throw Error(Kind::Corrupt,
                        "xz data at offset {}: {} bytes of padding between two streams, which is "
                        "not a multiple of four",
                        packed_.offset(), padding);
        }
    }

    // RFC 8878 3.1.2: four bytes of magic, a length in four bytes (little endian), as many bytes.
    void skip_frame() {
        const Bytes header = packed_.peek(8);
        if (header.size() < 8) {
            packed_.skip(header.size());
            throw_truncated_skippable();
        }
        std::uint64_t length = 0;
        for (unsigned i = 0; i < 4; ++i) {
            length |= std::to_integer<std::uint64_t>(header[4 + i]) << (8 * i);
        }
        packed_.skip(8);
        if (packed_.skip(length) < length) {
            throw_truncated_skippable();
        }
    }

    void skip_zeros() {
        for (Bytes bytes = packed_.view(); !bytes.empty(); bytes = packed_.view()) {
            const auto other = std::ranges::find_if(bytes, [](std::byte b) { return b != kZero; });
            packed_.take(static_cast<std::size_t>(other - bytes.begin()));
            if (other != bytes.end()) {
                return;
            }
        }
    }

    void drain() {
        skip_zeros();
        const std::uint64_t start = packed_.offset();
        found_.garbage_bytes = packed_.skip(std::numeric_limits<std::uint64_t>::max());
        found_.garbage_offset = found_.garbage_bytes > 0 ? start : 0;
    }

    Decoded finished() {
        out_.finish();
        found_.packed_bytes = packed_.offset();
        return found_;
    }

    void add_place(Error& error) const {
        error.add_context("{} data at offset {}, in {} {}", word(found_.codec), packed_.offset(),
                          member_word(found_.codec), found_.members);
    }

    [[noreturn]] void throw_truncated() const {
        throw Error(Kind::Corrupt, "{} data ends at offset {}, in the middle of {} {}",
                    word(found_.codec), packed_.offset(), member_word(found_.codec),
                    found_.members);
    }

    [[noreturn]] void throw_truncated_skippable() const {
        throw Error(Kind::Corrupt, "{} data ends at offset {}, in the middle of a skippable frame",
                    word(found_.codec), packed_.offset());
    }

    PackedReader& packed_;
    Sink& out_;
    Decoded found_;
};

std::unique_ptr<Decoder> make_decoder(Codec codec, const DecodeLimits& limits) {
    switch (codec) {
    case Codec::Gzip:
        return make_gzip_decoder();
    case Codec::Xz:
        return make_xz_decoder(limits);
    case Codec::Zstd:
        return make_zstd_decoder(limits);
    case Codec::Bzip2:
        return make_bzip2_decoder();
    case Codec::Lz4:
        return make_lz4_decoder();
    case Codec::Plain:
        break;
    }
    return nullptr;
}

} // namespace

Decoded decode(Source& in, Sink& out, const DecodeLimits& limits) {
    PackedReader packed(in);
    Run run(packed, out);
    const std::unique_ptr<Decoder> decoder = make_decoder(run.codec(), limits);
    return decoder ? run.decode_members(*decoder) : run.copy_plain();
}

std::string engine(Codec codec) {
    switch (codec) {
    case Codec::Gzip:
        return gzip_engine();
    case Codec::Xz:
        return xz_engine();
    case Codec::Zstd:
        return zstd_engine();
    case Codec::Bzip2:
        return bzip2_engine();
    case Codec::Lz4:
        return lz4_engine();
    case Codec::Plain:
        break;
    }
    return "built in";
}

Decoded decode_with(Decoder& decoder, Codec codec, Source& in, Sink& out) {
    PackedReader packed(in);
    return Run(packed, out, codec).decode_members(decoder);
}

} // namespace slipway::stream
