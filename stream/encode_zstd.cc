// zstd through libzstd's workers. At least one, always: without workers the library takes another
// way, which makes other bytes.

#include <algorithm>
#include <new>

#include <zstd.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

// What one worker takes at a time: fixed, so that the number of workers shows nowhere. It is what
// the library chooses at its usual level.
constexpr int kJobBytes = 8 * MiB;
constexpr unsigned kUsualLevel = 3;

class ZstdEncoder final : public Sink {
public:
    ZstdEncoder(Sink& next, unsigned level, unsigned threads) : next_(next) {
        if (!context_) {
            throw std::bad_alloc();
        }
        set(ZSTD_c_compressionLevel, static_cast<int>(level));
        set(ZSTD_c_checksumFlag, 1);
        set(ZSTD_c_nbWorkers, static_cast<int>(std::max(threads, 1U)));
        set(ZSTD_c_jobSize, kJobBytes);
    }

    std::span<std::byte> room() override { return buffer_; }

    void advance(std::size_t size) override { write(Bytes(buffer_).first(size)); }

    void write(Bytes data) override {
        ZSTD_inBuffer in{data.data(), data.size(), 0};
        while (in.pos < in.size) {
            put(in, ZSTD_e_continue);
        }
    }

    void finish() override {
        ZSTD_inBuffer none{nullptr, 0, 0};
        while (put(none, ZSTD_e_end) != 0) {
        }
        next_.finish();
    }

private:
    void set(ZSTD_cParameter parameter, int value) {
        check(::ZSTD_CCtx_setParameter(context_.get(), parameter, value));
    }

    // What is still to be passed on.
    std::size_t put(ZSTD_inBuffer& in, ZSTD_EndDirective how) {
        const std::span<std::byte> room = next_.room();
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t left = ::ZSTD_compressStream2(context_.get(), &out, &in, how);
        next_.advance(out.pos);
        return check(left);
    }

    static std::size_t check(std::size_t result) {
        if (::ZSTD_isError(result) != 0) {
            throw Error(Kind::Internal, "libzstd cannot pack: {}", ::ZSTD_getErrorName(result));
        }
        return result;
    }

    Sink& next_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(256 * KiB);
    Handle<ZSTD_CCtx, ZSTD_freeCCtx> context_{::ZSTD_createCCtx()};
};

} // namespace

std::unique_ptr<Sink> make_zstd_encoder(Sink& next, unsigned level, unsigned threads) {
    return std::make_unique<ZstdEncoder>(next, level == 0 ? kUsualLevel : level, threads);
}

} // namespace slipway::stream
