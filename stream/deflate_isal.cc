// ISA-L: ten times as fast as zlib for a twelfth more bytes (docs/benchmarks.md). Its code, and at
// these levels also what it finds, is chosen by the processor.

#include <algorithm>

#include <isa-l.h>

#include "base/error.hh"
#include "stream/deflate.hh"

namespace slipway::stream::isal {
namespace {

std::uint32_t work_space(unsigned level) noexcept {
    switch (level) {
    case 1:
        return ISAL_DEF_LVL1_DEFAULT;
    case 2:
        return ISAL_DEF_LVL2_DEFAULT;
    default:
        return ISAL_DEF_LVL3_DEFAULT;
    }
}

} // namespace

std::vector<std::byte> deflate(const DeflateBlock& what) {
    std::vector<std::uint8_t> space(work_space(what.level));
    isal_zstream stream;
    isal_deflate_init(&stream);
    stream.level = what.level;
    stream.level_buf = space.data();
    stream.level_buf_size = static_cast<std::uint32_t>(space.size());
    stream.flush = what.last ? NO_FLUSH : FULL_FLUSH;
    stream.end_of_stream = what.last ? 1 : 0;
    // The library only reads there, its interface merely does not say so.
    stream.next_in =
        const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(what.block.data()));
    stream.avail_in = static_cast<std::uint32_t>(what.block.size());
    constexpr std::size_t kSpareBytes = 4 * KiB;
    std::vector<std::byte> packed(what.block.size() + what.block.size() / 16 + kSpareBytes);
    std::size_t used = 0;
    do { // a second round only for what does not pack at all
        packed.resize(std::max(packed.size(), used + kSpareBytes));
        stream.next_out = reinterpret_cast<std::uint8_t*>(packed.data() + used);
        stream.avail_out = static_cast<std::uint32_t>(packed.size() - used);
        if (const int result = isal_deflate(&stream); result != COMP_OK) {
            throw Error(Kind::Internal, "ISA-L cannot pack a block: error {}", result);
        }
        used = packed.size() - stream.avail_out;
    } while (stream.avail_out == 0);
    packed.resize(used);
    return packed;
}

std::uint32_t crc32(Bytes data) noexcept {
    return crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(data.data()), data.size());
}

} // namespace slipway::stream::isal
