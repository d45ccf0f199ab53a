// lz4 frames through liblz4, one at a time.

#include <algorithm>
#include <array>
#include <new>

#include <lz4.h>
#include <lz4frame.h>

#include "base/handle.hh"
#include "stream/decoder.hh"

namespace slipway::stream {
namespace {

using Context = Handle<LZ4F_dctx, LZ4F_freeDecompressionContext>;

// "LZ4 Frame Format Description", "Legacy frame": no sizes, no checks, and no end mark.
constexpr std::array kLegacyMagic = {std::byte{0x02}, std::byte{0x21}, std::byte{0x4c},
                                     std::byte{0x18}};

Context make_context() {
    LZ4F_dctx* context = nullptr;
    if (::LZ4F_isError(::LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) {
        throw std::bad_alloc();
    }
    return Context(context);
}

class Lz4Decoder final : public Decoder {
public:
    void begin(Bytes head) override {
        if (head.size() >= kLegacyMagic.size() &&
            std::ranges::equal(head.first(kLegacyMagic.size()), kLegacyMagic)) {
            throw Error(Kind::Unsupported,
                        "it is in lz4's legacy format, which has no end mark and no checks; "
                        "compress it again with lz4 of version 1.4 or later, without -l");
        }
        ::LZ4F_resetDecompressionContext(context_.get());
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        Step step{.taken = packed.size(),
                  .made = room.size(),
                  .member_ended = false,
                  .problem = std::nullopt};
        const std::size_t result = ::LZ4F_decompress(context_.get(), room.data(), &step.made,
                                                     packed.data(), &step.taken, nullptr);
        if (::LZ4F_isError(result) != 0) {
            step.problem = Error(Kind::Corrupt, "{}", ::LZ4F_getErrorName(result));
        }
        step.member_ended = result == 0;
        return step;
    }

private:
    Context context_ = make_context();
};

} // namespace

std::unique_ptr<Decoder> make_lz4_decoder() {
    return std::make_unique<Lz4Decoder>();
}

std::string lz4_engine() {
    return fmt::format("liblz4 {}", ::LZ4_versionString());
}

} // namespace slipway::stream
