// The one door to libdeflate, and the second to libzstd.

#include "disk/cluster_codec.hh"

#include <libdeflate.h>
#include <zstd.h>

#include "base/error.hh"
#include "base/handle.hh"

namespace slipway::disk {
namespace {

using Deflate = Handle<libdeflate_decompressor, libdeflate_free_decompressor>;
using Zstd = Handle<ZSTD_DCtx, ZSTD_freeDCtx>;

// A frame of one cluster has no reason for a window that is larger than the largest cluster; QEMU
// leaves the window to the level, which takes 2 MiB.
constexpr int kMaxWindowLog = 23;

std::size_t inflate(libdeflate_decompressor& engine, Bytes packed, std::span<std::byte> cluster) {
    std::size_t used = 0;
    const libdeflate_result result = libdeflate_deflate_decompress_ex(
        &engine, packed.data(), packed.size(), cluster.data(), cluster.size(), &used, nullptr);
    if (result != LIBDEFLATE_SUCCESS) {
        throw Error(Kind::Corrupt, "its deflate data is damaged, or does not hold one cluster");
    }
    return used;
}

// More than one frame may make a cluster.
std::size_t decompress(ZSTD_DCtx& engine, Bytes packed, std::span<std::byte> cluster) {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{cluster.data(), cluster.size(), 0};
    std::size_t hint = 0;
    ZSTD_DCtx_reset(&engine, ZSTD_reset_session_only);
    while (out.pos < out.size) {
        const std::size_t before = in.pos + out.pos;
        hint = ZSTD_decompressStream(&engine, &out, &in);
        if (ZSTD_isError(hint) != 0) {
            throw Error(Kind::Corrupt, "its zstd data is damaged: {}", ZSTD_getErrorName(hint));
        }
        if (in.pos + out.pos == before) {
            throw Error(Kind::Corrupt, "its zstd data ends before the cluster is full");
        }
    }
    if (hint != 0) {
        // The frame's end, its checksum perhaps, has to be there; and nothing more than that.
        const std::size_t left = ZSTD_decompressStream(&engine, &out, &in);
        if (left != 0) {
            throw Error(Kind::Corrupt, "its zstd data is damaged, or holds more than one cluster");
        }
    }
    return in.pos;
}

} // namespace

struct ClusterCodec::State {
    Deflate deflate;
    Zstd zstd;
};

std::string cluster_engine() {
    return "libdeflate " LIBDEFLATE_VERSION_STRING;
}

ClusterCodec::ClusterCodec(bool zstd) : state_(std::make_unique<State>()) {
    if (zstd) {
        state_->zstd.reset(ZSTD_createDCtx());
    } else {
        state_->deflate.reset(libdeflate_alloc_decompressor());
    }
    if (!state_->zstd && !state_->deflate) {
        throw std::bad_alloc();
    }
    if (zstd) {
        ZSTD_DCtx_setParameter(state_->zstd.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    }
}

ClusterCodec::~ClusterCodec() = default;

std::size_t ClusterCodec::unpack(Bytes packed, std::span<std::byte> cluster) {
    return state_->zstd ? decompress(*state_->zstd, packed, cluster)
                        : inflate(*state_->deflate, packed, cluster);
}

} // namespace slipway::disk
