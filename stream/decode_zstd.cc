// zstd through libzstd, a frame at a time.

#include <new>

#include <zstd.h>

#include "base/handle.hh"
#include "base/size.hh"
#include "stream/decoder.hh"
#include "stream/zstd_header.hh"

namespace slipway::stream {
namespace {

class ZstdDecoder final : public Decoder {
public:
    explicit ZstdDecoder(const DecodeLimits& limits) : limits_(limits) {
        if (!context_) {
            throw std::bad_alloc();
        }
        // begin() compares the window with the exact limit; the library's own, a power of two,
        // must not be in the way.
        const ZSTD_bounds bounds = ::ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
        ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, bounds.upperBound);
    }

    void begin(Bytes head) override {
        const auto window = zstd_window(head);
        if (window && *window > limits_.memory_bytes) {
            throw Error(Kind::Limit, "it needs a window of {} in memory, the limit is {}",
                        format_size(*window), format_size(limits_.memory_bytes));
        }
        ::ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        // 0: the frame has ended and is flushed. A further call with nothing would already ask for
        // the next frame's header, so that its result says nothing about this one.
        const std::size_t result = ::ZSTD_decompressStream(context_.get(), &out, &in);
        Step step{
            .taken = in.pos, .made = out.pos, .member_ended = result == 0, .problem = std::nullopt};
        if (::ZSTD_isError(result) != 0) {
            step.problem = Error(Kind::Corrupt, "{}", ::ZSTD_getErrorName(result));
        }
        return step;
    }

private:
    DecodeLimits limits_;
    Handle<ZSTD_DCtx, ZSTD_freeDCtx> context_{::ZSTD_createDCtx()};
};

} // namespace

std::unique_ptr<Decoder> make_zstd_decoder(const DecodeLimits& limits) {
    return std::make_unique<ZstdDecoder>(limits);
}

std::string zstd_engine() {
    return fmt::format("libzstd {}", ::ZSTD_versionString());
}

} // namespace slipway::stream
