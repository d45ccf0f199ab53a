// zlib, where ISA-L is missing.

#include <new>

#include <zlib.h>

#include "stream/inflate.hh"

namespace slipway::stream::zlib {
namespace {

class ZlibInflate final : public Inflate {
public:
    ZlibInflate() {
        if (::inflateInit2(&stream_, -MAX_WBITS) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~ZlibInflate() override { ::inflateEnd(&stream_); }
    ZlibInflate(const ZlibInflate&) = delete;
    ZlibInflate& operator=(const ZlibInflate&) = delete;

    void restart() override {
        ::inflateReset(&stream_);
        crc32_ = ::crc32(0, nullptr, 0);
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        // The library only reads there; ZLIB_CONST would say so, were it set everywhere.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
        const int result = ::inflate(&stream_, Z_NO_FLUSH);
        Step step{.taken = packed.size() - stream_.avail_in,
                  .made = room.size() - stream_.avail_out,
                  .member_ended = result == Z_STREAM_END,
                  .problem = std::nullopt};
        crc32_ = ::crc32(crc32_, reinterpret_cast<const Bytef*>(room.data()),
                         static_cast<uInt>(step.made));
        if (result == Z_MEM_ERROR) {
            throw std::bad_alloc();
        }
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            step.problem =
                Error(Kind::Corrupt, "{}",
                      stream_.msg != nullptr ? stream_.msg : "it is not valid deflate data");
        }
        return step;
    }

    Bytes overrun() const noexcept override { return {}; }

    std::uint32_t crc32() const noexcept override { return static_cast<std::uint32_t>(crc32_); }

private:
    z_stream stream_{};
    uLong crc32_ = 0;
};

} // namespace

std::unique_ptr<Inflate> make_inflate() {
    return std::make_unique<ZlibInflate>();
}

std::string engine() {
    return fmt::format("zlib {}", ::zlibVersion());
}

} // namespace slipway::stream::zlib
