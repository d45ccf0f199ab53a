// Decompression of single qcow2 clusters: whole buffers, so libdeflate does at less than half of
// zlib's cost what streams need zlib or ISA-L for.

#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.hh"

namespace slipway::disk {

/// "libdeflate 1.14"; for `features`.
std::string cluster_engine();

/// One decompressor, used again and again. One thread.
class ClusterCodec {
public:
    /// @param zstd  zstd frames; else raw deflate
    explicit ClusterCodec(bool zstd);
    ~ClusterCodec();
    ClusterCodec(const ClusterCodec&) = delete;
    ClusterCodec& operator=(const ClusterCodec&) = delete;

    /// Fills all of `cluster`; what lies behind the compressed data in `packed` is not looked at.
    /// Returns how long that data was.
    /// @throws Error  Corrupt: it is damaged, or holds more or less than one cluster
    std::size_t unpack(Bytes packed, std::span<std::byte> cluster);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::disk
