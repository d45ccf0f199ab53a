// bzip2 through libbz2, a stream at a time. One core, and slow: about 10 MB of output a second.

#include <new>

#include <bzlib.h>

#include "stream/decoder.hh"

namespace slipway::stream {
namespace {

class Bzip2Decoder final : public Decoder {
public:
    Bzip2Decoder() = default;
    ~Bzip2Decoder() override { end(); }
    Bzip2Decoder(const Bzip2Decoder&) = delete;
    Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;

    void begin(Bytes /*head*/) override {
        end();
        stream_ = {};
        if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) {
            throw std::bad_alloc();
        }
        begun_ = true;
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        // The library only reads there, its interface merely does not say so.
        stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(packed.data()));
        stream_.avail_in = static_cast<unsigned>(packed.size());
        stream_.next_out = reinterpret_cast<char*>(room.data());
        stream_.avail_out = static_cast<unsigned>(room.size());
        const int result = ::BZ2_bzDecompress(&stream_);
        Step step{.taken = packed.size() - stream_.avail_in,
                  .made = room.size() - stream_.avail_out,
                  .member_ended = result == BZ_STREAM_END,
                  .problem = std::nullopt};
        if (result == BZ_MEM_ERROR) {
            throw std::bad_alloc();
        }
        if (result == BZ_DATA_ERROR_MAGIC) {
            step.problem = Error(Kind::Corrupt, "its header is not valid");
        } else if (result != BZ_OK && result != BZ_STREAM_END) {
            step.problem = Error(Kind::Corrupt, "a block or its CRC is wrong");
        }
        return step;
    }

private:
    void end() noexcept {
        if (begun_) {
            ::BZ2_bzDecompressEnd(&stream_);
            begun_ = false;
        }
    }

    bz_stream stream_{};
    bool begun_ = false;
};

} // namespace

std::unique_ptr<Decoder> make_bzip2_decoder() {
    return std::make_unique<Bzip2Decoder>();
}

std::string bzip2_engine() {
    // "1.0.8, 13-Jul-2019"
    const std::string_view version = ::BZ2_bzlibVersion();
    return fmt::format("libbz2 {}", version.substr(0, version.find(',')));
}

} // namespace slipway::stream
