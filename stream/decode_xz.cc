// xz through liblzma, a stream at a time. Blocks whose headers state their sizes (as `xz -T` writes
// them) are decoded on several threads while their buffers stay within the threading budget; all
// others in this thread, which needs the dictionary and no more.

#include <new>

#include <lzma.h>

#include "base/size.hh"
#include "stream/decoder.hh"

namespace slipway::stream {
namespace {

class XzDecoder final : public Decoder {
public:
    explicit XzDecoder(const DecodeLimits& limits) : limits_(limits) {}
    ~XzDecoder() override { ::lzma_end(&stream_); }
    XzDecoder(const XzDecoder&) = delete;
    XzDecoder& operator=(const XzDecoder&) = delete;

    void begin(Bytes /*head*/) override {
        // A check that this liblzma does not know would be passed over without the flag.
        constexpr std::uint32_t kFlags = LZMA_TELL_UNSUPPORTED_CHECK;
        lzma_ret result = LZMA_OK;
        if (limits_.threads > 1) {
            lzma_mt options{};
            options.flags = kFlags;
            options.threads = limits_.threads;
            options.memlimit_threading = limits_.threading_memory_bytes;
            options.memlimit_stop = limits_.memory_bytes;
            result = ::lzma_stream_decoder_mt(&stream_, &options);
        } else {
            result = ::lzma_stream_decoder(&stream_, limits_.memory_bytes, kFlags);
        }
        if (result == LZMA_MEM_ERROR) {
            throw std::bad_alloc();
        }
        if (result != LZMA_OK) {
            throw Error(Kind::Internal, "liblzma refuses to start (error {})",
                        static_cast<int>(result));
        }
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
        stream_.avail_in = packed.size();
        stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
        stream_.avail_out = room.size();
        const lzma_ret result = ::lzma_code(&stream_, packed.empty() ? LZMA_FINISH : LZMA_RUN);
        Step step{.taken = packed.size() - stream_.avail_in,
                  .made = room.size() - stream_.avail_out,
                  .member_ended = result == LZMA_STREAM_END,
                  .problem = std::nullopt};
        // LZMA_BUF_ERROR is its word for a step without progress.
        if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) {
            step.problem = problem(result);
        }
        return step;
    }

private:
    Error problem(lzma_ret result) {
        switch (result) {
        case LZMA_MEM_ERROR:
            throw std::bad_alloc();
        case LZMA_MEMLIMIT_ERROR:
            return Error(Kind::Limit, "it needs {} of memory to be decoded, the limit is {}",
                         format_size(need()), format_size(limits_.memory_bytes));
        case LZMA_UNSUPPORTED_CHECK:
            return Error(Kind::Unsupported,
                         "its integrity check (type {}) is unknown to liblzma {}, so that its "
                         "content could not be verified",
                         static_cast<int>(::lzma_get_check(&stream_)), ::lzma_version_string());
        case LZMA_OPTIONS_ERROR:
            return Error(Kind::Unsupported, "it uses a filter or an option unknown to liblzma {}",
                         ::lzma_version_string());
        case LZMA_DATA_ERROR:
            return Error(Kind::Corrupt, "it is damaged: a block, a check or the index is wrong");
        default:
            return Error(Kind::Corrupt, "it is not valid xz data (liblzma error {})",
                         static_cast<int>(result));
        }
    }

    // The threaded decoder (5.4) knows what it needs only once it may have it: it then asks for the
    // dictionary, which costs nothing until it is written to.
    std::uint64_t need() noexcept {
        if (::lzma_memlimit_set(&stream_, UINT64_MAX) == LZMA_OK) {
            [[maybe_unused]] const lzma_ret result = ::lzma_code(&stream_, LZMA_RUN);
        }
        return ::lzma_memusage(&stream_);
    }

    DecodeLimits limits_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
};

} // namespace

std::unique_ptr<Decoder> make_xz_decoder(const DecodeLimits& limits) {
    return std::make_unique<XzDecoder>(limits);
}

std::string xz_engine() {
    return fmt::format("liblzma {}", ::lzma_version_string());
}

} // namespace slipway::stream
