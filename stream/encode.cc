// One line for each codec.

#include "stream/encode.hh"

#include <utility>

#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

// Passes everything on, so that nobody needs to know that nothing is packed.
class PlainSink final : public Sink {
public:
    explicit PlainSink(Sink& next) : next_(next) {}
    std::span<std::byte> room() override { return next_.room(); }
    void advance(std::size_t size) override { next_.advance(size); }
    void finish() override { next_.finish(); }
    void write(Bytes data) override { next_.write(data); }

private:
    Sink& next_;
};

} // namespace

std::unique_ptr<Sink> make_encoder(Sink& next, const EncodeOptions& options) {
    check_level(format_of(options.codec), options.level);
    const auto in_blocks = [&](std::unique_ptr<BlockPacker> packer) {
        return std::make_unique<BlockEncoder>(next, std::move(packer), options.threads);
    };
    switch (options.codec) {
    case Codec::Plain:
        break;
    case Codec::Gzip:
        return in_blocks(make_gzip_packer(options.level));
    case Codec::Xz:
        return make_xz_encoder(next, options.level, options.threads);
    case Codec::Zstd:
        return make_zstd_encoder(next, options.level, options.threads);
    case Codec::Bzip2:
        return in_blocks(make_bzip2_packer(options.level));
    case Codec::Lz4:
        return in_blocks(make_lz4_packer(options.level));
    }
    return std::make_unique<PlainSink>(next);
}

} // namespace slipway::stream
