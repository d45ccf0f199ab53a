// bzip2 on all cores, in ONE stream: peers stop at the end of the first. libbz2 packs each piece as
// a stream of one block; the block's bits are cut out of it and put behind those of the piece
// before. The format has no document but its source (compress.c of bzip2 1.0.8): "BZh" and a digit;
// blocks, which end on any bit; 48 bits of an end mark, 32 bits of a check over the blocks' checks.

#include <algorithm>
#include <array>
#include <new>

#include <bzlib.h>

#include "base/error.hh"
#include "stream/encoder.hh"

namespace slipway::stream {
namespace {

constexpr std::size_t kHeadBytes = 4;
constexpr unsigned kUsualLevel = 9;
constexpr std::uint64_t kEndMark = 0x177245385090;
constexpr std::size_t kEndBits = 48 + 32;
constexpr std::size_t kBlockMarkBits = 48; // in front of a block's check

// Bits are counted from the most significant one of a byte.
std::uint64_t bits_at(Bytes bytes, std::size_t at, std::size_t count) noexcept {
    std::uint64_t value = 0;
    for (std::size_t bit = at; bit < at + count; ++bit) {
        value = (value << 1) | (std::to_integer<unsigned>(bytes[bit / 8]) >> (7 - bit % 8) & 1);
    }
    return value;
}

// Where the end mark of a whole stream begins: in front of its check and of up to 7 bits of
// padding.
std::size_t find_end(Bytes packed) {
    for (std::size_t padding = 0; padding < 8; ++padding) {
        const std::size_t at = packed.size() * 8 - padding - kEndBits;
        if (bits_at(packed, at, 48) == kEndMark) {
            return at;
        }
    }
    throw Error(Kind::Internal, "libbz2 made a stream without an end");
}

class Bzip2Packer final : public BlockPacker {
public:
    explicit Bzip2Packer(unsigned level) : level_(level == 0 ? kUsualLevel : level) {}

    // The first step of the format makes five bytes of four equal ones; what it then has must fit
    // in one block of level × 100,000 − 19 bytes.
    std::size_t block_bytes() const noexcept override { return (level_ * 100'000 - 19) / 5 * 4; }

    PackedBlock pack(Bytes /*before*/, Bytes block, bool /*last*/) const override {
        if (block.empty()) {
            return {};
        }
        PackedBlock result;
        result.plain_bytes = block.size();
        unsigned size =
            static_cast<unsigned>(block.size() + block.size() / 100 + 600); // its manual
        result.bytes.resize(size);
        // The library only reads its input, its interface merely does not say so.
        const int code = ::BZ2_bzBuffToBuffCompress(
            reinterpret_cast<char*>(result.bytes.data()), &size,
            const_cast<char*>(reinterpret_cast<const char*>(block.data())),
            static_cast<unsigned>(block.size()), static_cast<int>(level_), 0, 0);
        if (code == BZ_MEM_ERROR) {
            throw std::bad_alloc();
        }
        if (code != BZ_OK) {
            throw Error(Kind::Internal, "libbz2 cannot pack a block: error {}", code);
        }
        result.bytes.resize(size);
        result.check =
            static_cast<std::uint32_t>(bits_at(result.bytes, 8 * kHeadBytes + kBlockMarkBits, 32));
        return result;
    }

    void begin(Sink& out) override {
        const std::array head{std::byte{'B'}, std::byte{'Z'}, std::byte{'h'},
                              static_cast<std::byte>('0' + level_)};
        out.write(head);
    }

    void add(const PackedBlock& block, Sink& out) override {
        if (block.bytes.empty()) {
            return;
        }
        check_ = (check_ << 1 | check_ >> 31) ^ block.check;
        add_bits(Bytes(block.bytes).subspan(kHeadBytes), find_end(block.bytes) - 8 * kHeadBytes,
                 out);
    }

    void end(Sink& out) override {
        std::array<std::byte, kEndBits / 8> tail{};
        for (std::size_t i = 0; i < tail.size(); ++i) {
            tail.at(i) = i < 6 ? static_cast<std::byte>(kEndMark >> (8 * (5 - i)))
                               : static_cast<std::byte>(check_ >> (8 * (9 - i)));
        }
        add_bits(tail, kEndBits, out);
        if (bits_held_ != 0) {
            out.write({&held_, 1});
        }
    }

private:
    // Puts the first `count` bits of `bytes` behind what is there.
    void add_bits(Bytes bytes, std::size_t count, Sink& out) {
        std::vector<std::byte> shifted;
        shifted.reserve(bytes.size() + 1);
        for (const std::byte byte : bytes.first(count / 8)) {
            shifted.push_back(held_ | byte >> bits_held_);
            held_ = bits_held_ == 0 ? std::byte{} : byte << (8 - bits_held_);
        }
        if (const unsigned rest = count % 8; rest != 0) {
            const std::byte last = bytes[count / 8] & std::byte{0xff} << (8 - rest);
            held_ |= last >> bits_held_;
            bits_held_ += rest;
            if (bits_held_ >= 8) {
                shifted.push_back(held_);
                bits_held_ -= 8;
                held_ = bits_held_ == 0 ? std::byte{} : last << (rest - bits_held_);
            }
        }
        out.write(shifted);
    }

    unsigned level_;
    std::uint32_t check_ = 0;
    std::byte held_{};       ///< the first bits of the next byte
    unsigned bits_held_ = 0; ///< so many
};

} // namespace

std::unique_ptr<BlockPacker> make_bzip2_packer(unsigned level) {
    return std::make_unique<Bzip2Packer>(level);
}

} // namespace slipway::stream
