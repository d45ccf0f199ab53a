// The codecs behind make_encoder(). Internal to the room.

#pragma once

#include <memory>

#include "stream/block_encoder.hh"
#include "stream/encode.hh"

namespace slipway::stream {

/// Formats of blocks that know nothing of each other: packed by BlockEncoder.
std::unique_ptr<BlockPacker> make_gzip_packer(unsigned level);
std::unique_ptr<BlockPacker> make_bzip2_packer(unsigned level);
std::unique_ptr<BlockPacker> make_lz4_packer(unsigned level);

/// Formats whose library has threads of its own.
std::unique_ptr<Sink> make_xz_encoder(Sink& next, unsigned level, unsigned threads);
std::unique_ptr<Sink> make_zstd_encoder(Sink& next, unsigned level, unsigned threads);

} // namespace slipway::stream
