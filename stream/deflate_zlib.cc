// zlib, for the levels that ISA-L does not have, and where it is missing.

#include <new>

#include <zlib.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "stream/deflate.hh"

namespace slipway::stream::zlib {
namespace {

constexpr int kMemoryLevel = 8; // zlib's default, which deflateInit2() asks for by number

// Reads only, though zlib's interface does not say so where ZLIB_CONST is not set.
Bytef* bytes_of(Bytes data) noexcept {
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));
}

} // namespace

std::vector<std::byte> deflate(const DeflateBlock& what) {
    z_stream stream{};
    if (::deflateInit2(&stream, static_cast<int>(what.level), Z_DEFLATED, -MAX_WBITS, kMemoryLevel,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
    const Handle<z_stream, ::deflateEnd> owner(&stream);
    if (!what.before.empty()) {
        ::deflateSetDictionary(&stream, bytes_of(what.before),
                               static_cast<uInt>(what.before.size()));
    }
    constexpr std::size_t kFlushBytes = 16; // the marker of a flush, which the bound leaves out
    std::vector<std::byte> packed(::deflateBound(&stream, static_cast<uLong>(what.block.size())) +
                                  kFlushBytes);
    stream.next_in = bytes_of(what.block);
    stream.avail_in = static_cast<uInt>(what.block.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = ::deflate(&stream, what.last ? Z_FINISH : Z_SYNC_FLUSH);
    if (result != (what.last ? Z_STREAM_END : Z_OK) || stream.avail_in != 0) {
        throw Error(Kind::Internal, "zlib cannot pack a block: error {}", result);
    }
    packed.resize(packed.size() - stream.avail_out);
    return packed;
}

std::uint32_t crc32(Bytes data) noexcept {
    return static_cast<std::uint32_t>(::crc32_z(0, bytes_of(data), data.size()));
}

} // namespace slipway::stream::zlib
