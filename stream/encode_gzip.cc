// gzip (RFC 1952) on all cores: blocks of 1 MiB, each ended on a byte by a flush, in ONE member.
// Peers read no more than one: systemd-import 252 hangs at the second. The quick levels are
// ISA-L's, the others zlib's with the 32 KiB before a block as its dictionary, as pigz does it.

#include <algorithm>
#include <array>

#include <zlib.h>

#include "stream/deflate.hh"
#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

constexpr std::size_t kBlockBytes = 1 * MiB;
constexpr std::size_t kWindowBytes = 32 * KiB;

std::array<std::byte, 4> little_endian(std::uint32_t number) noexcept {
    std::array<std::byte, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes.at(i) = static_cast<std::byte>(number >> (8 * i));
    }
    return bytes;
}

class GzipPacker final : public BlockPacker {
public:
    explicit GzipPacker(unsigned level)
        : level_(level == 0 ? SLIPWAY_GZIP_ENGINE::kUsualLevel : level) {}

    std::size_t block_bytes() const noexcept override { return kBlockBytes; }
    std::size_t context_bytes() const noexcept override { return is_quick() ? 0 : kWindowBytes; }

    PackedBlock pack(Bytes before, Bytes block, bool last) const override {
        const DeflateBlock what{before, block, last, level_};
        return {.bytes = is_quick() ? SLIPWAY_GZIP_ENGINE::deflate(what) : zlib::deflate(what),
                .plain_bytes = block.size(),
                .check = SLIPWAY_GZIP_ENGINE::crc32(block)};
    }

    void begin(Sink& out) override {
        // No name and no time, so that the same bytes come again; XFL as gzip sets it; Unix.
        const std::byte effort{static_cast<unsigned char>(level_ == 9 ? 2 : is_quick() ? 4 : 0)};
        const std::array head{std::byte{0x1f}, std::byte{0x8b}, std::byte{8}, std::byte{0},
                              std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0},
                              effort,          std::byte{3}};
        out.write(head);
    }

    void add(const PackedBlock& block, Sink& out) override {
        crc32_ = static_cast<std::uint32_t>(
            ::crc32_combine(crc32_, block.check, static_cast<z_off_t>(block.plain_bytes)));
        length_ += static_cast<std::uint32_t>(block.plain_bytes);
        out.write(block.bytes);
    }

    void end(Sink& out) override {
        out.write(little_endian(crc32_));
        out.write(little_endian(length_));
    }

private:
    bool is_quick() const noexcept { return level_ <= SLIPWAY_GZIP_ENGINE::kHighestLevel; }

    unsigned level_;
    std::uint32_t crc32_ = 0;
    std::uint32_t length_ = 0; ///< modulo 2^32, as the trailer has it
};

} // namespace

std::unique_ptr<BlockPacker> make_gzip_packer(unsigned level) {
    return std::make_unique<GzipPacker>(level);
}

} // namespace slipway::stream
