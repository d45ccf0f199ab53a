// Files, sockets and kernel pipes as source and sink.

#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "stream/sink.hh"
#include "stream/source.hh"

namespace slipway::stream {

/// Copies everything that can be read from descriptor `fd` into `to` and finishes it; reads
/// straight into the sink's room. Waits with poll(2) and listens to `stop`, so a silent peer
/// cannot hold a cancellation up.
/// @param name  for messages: "the network", a path
/// @throws Error, Canceled
void copy_fd(int fd, std::string_view name, Sink& to, std::stop_token stop);

/// Collects everything in memory; for documents and tests.
class MemorySink final : public Sink {
public:
    /// @throws from advance(): Error Limit when more than `limit_bytes` come.
    explicit MemorySink(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}
    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override { finished_ = true; }
    Bytes bytes() const noexcept { return {buffer_.data(), used_}; }
    bool finished() const noexcept { return finished_; }

private:
    std::uint64_t limit_bytes_;
    std::vector<std::byte> buffer_;
    std::size_t used_ = 0;
    bool finished_ = false;
};

/// Serves bytes in memory, `piece` at a time; for documents and tests.
class MemorySource final : public Source {
public:
    explicit MemorySource(Bytes data, std::size_t piece = ~std::size_t{0})
        : rest_(data), piece_(piece) {}
    Bytes next() override;

private:
    Bytes rest_;
    std::size_t piece_;
};

} // namespace slipway::stream
