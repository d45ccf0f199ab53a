// lz4 ("LZ4 Frame Format Description") on all cores: a frame of independent blocks with a check
// each. liblz4 makes a frame of every block; head and end mark are taken off and stand once. No
// check of the whole, which would need the blocks in order.

#include <algorithm>
#include <array>

#include <lz4frame.h>

#include "base/error.hh"
#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

constexpr std::size_t kBlockBytes = 4 * MiB; // LZ4F_max4MB
constexpr std::size_t kEndMarkBytes = 4;

std::size_t checked(std::size_t result) {
    if (::LZ4F_isError(result) != 0) {
        throw Error(Kind::Internal, "liblz4 cannot pack a block: {}", ::LZ4F_getErrorName(result));
    }
    return result;
}

class Lz4Packer final : public BlockPacker {
public:
    explicit Lz4Packer(unsigned level) {
        preferences_.frameInfo.blockSizeID = LZ4F_max4MB;
        preferences_.frameInfo.blockMode = LZ4F_blockIndependent;
        preferences_.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
        preferences_.compressionLevel = static_cast<int>(level);
    }

    std::size_t block_bytes() const noexcept override { return kBlockBytes; }

    PackedBlock pack(Bytes /*before*/, Bytes block, bool /*last*/) const override {
        PackedBlock result;
        result.plain_bytes = block.size();
        result.bytes.resize(::LZ4F_compressFrameBound(block.size(), &preferences_));
        result.bytes.resize(checked(::LZ4F_compressFrame(
            result.bytes.data(), result.bytes.size(), block.data(), block.size(), &preferences_)));
        return result;
    }

    // Of a block's frame only what lies between stays.
    void add(const PackedBlock& block, Sink& out) override {
        const Bytes frame(block.bytes);
        const std::size_t head = checked(::LZ4F_headerSize(frame.data(), frame.size()));
        out.write(frame.subspan(head, frame.size() - head - kEndMarkBytes));
    }

    void begin(Sink& out) override {
        LZ4F_cctx* context = nullptr;
        checked(::LZ4F_createCompressionContext(&context, LZ4F_VERSION));
        const std::unique_ptr<LZ4F_cctx, decltype(&::LZ4F_freeCompressionContext)> owner(
            context, ::LZ4F_freeCompressionContext);
        std::array<std::byte, LZ4F_HEADER_SIZE_MAX> head{};
        const std::size_t size =
            checked(::LZ4F_compressBegin(context, head.data(), head.size(), &preferences_));
        out.write(Bytes(head).first(size));
    }

    void end(Sink& out) override { out.write(std::array<std::byte, kEndMarkBytes>{}); }

private:
    LZ4F_preferences_t preferences_{};
};

} // namespace

std::unique_ptr<BlockPacker> make_lz4_packer(unsigned level) {
    return std::make_unique<Lz4Packer>(level);
}

} // namespace slipway::stream
