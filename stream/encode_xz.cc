// xz through liblzma's threads. Blocks of a fixed size, so that the number of threads shows nowhere
// in the output, and readers can unpack them in parallel.

#include <algorithm>
#include <array>
#include <new>

#include <lzma.h>

#include "base/error.hh"
#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

constexpr std::uint64_t kLeastBlockBytes = 24 * MiB; // what xz itself takes at its usual level
constexpr unsigned kUsualLevel = 6;

class XzEncoder final : public Sink {
public:
    XzEncoder(Sink& next, unsigned level, unsigned threads) : next_(next) {
        lzma_options_lzma lzma{};
        ::lzma_lzma_preset(&lzma, level);
        lzma_mt options{};
        options.preset = level;
        options.check = LZMA_CHECK_CRC64;
        options.block_size = std::max(kLeastBlockBytes, std::uint64_t{3} * lzma.dict_size);
        options.threads = threads_for(options, std::max(threads, 1U));
        const lzma_ret result = ::lzma_stream_encoder_mt(&stream_, &options);
        if (result == LZMA_MEM_ERROR) {
            throw std::bad_alloc();
        }
        if (result != LZMA_OK) {
            throw Error(Kind::Internal, "liblzma refuses to pack: error {}",
                        static_cast<int>(result));
        }
    }
    ~XzEncoder() override { ::lzma_end(&stream_); }
    XzEncoder(const XzEncoder&) = delete;
    XzEncoder& operator=(const XzEncoder&) = delete;

    std::span<std::byte> room() override { return buffer_; }

    void advance(std::size_t size) override { put(Bytes(buffer_).first(size), LZMA_RUN); }

    void write(Bytes data) override { put(data, LZMA_RUN); }

    void finish() override {
        put({}, LZMA_FINISH);
        next_.finish();
    }

private:
    // As many as half of the memory allows: a thread holds its block packed and unpacked.
    static unsigned threads_for(lzma_mt options, unsigned wanted) {
        const std::uint64_t memory = ::lzma_physmem() / 2;
        for (options.threads = wanted; options.threads > 1; --options.threads) {
            if (memory == 0 || ::lzma_stream_encoder_mt_memusage(&options) <= memory) {
                break;
            }
        }
        return options.threads;
    }

    void put(Bytes data, lzma_action action) {
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(data.data());
        stream_.avail_in = data.size();
        for (bool more = action == LZMA_FINISH || !data.empty(); more;) {
            const std::span<std::byte> out = next_.room();
            stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
            stream_.avail_out = out.size();
            const lzma_ret result = ::lzma_code(&stream_, action);
            const bool full = stream_.avail_out == 0;
            next_.advance(out.size() - stream_.avail_out);
            if (result == LZMA_MEM_ERROR) {
                throw std::bad_alloc();
            }
            if (result != LZMA_OK && result != LZMA_STREAM_END) {
                throw Error(Kind::Internal, "liblzma cannot pack: error {}",
                            static_cast<int>(result));
            }
            more =
                action == LZMA_FINISH ? result != LZMA_STREAM_END : stream_.avail_in != 0 || full;
        }
    }

    Sink& next_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(256 * KiB);
    lzma_stream stream_ = LZMA_STREAM_INIT;
};

} // namespace

std::unique_ptr<Sink> make_xz_encoder(Sink& next, unsigned level, unsigned threads) {
    return std::make_unique<XzEncoder>(next, level == 0 ? kUsualLevel : level, threads);
}

} // namespace slipway::stream
