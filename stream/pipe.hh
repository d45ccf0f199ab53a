// The bounded pipe between two threads: the only place where two threads of a program meet.

#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>

#include "stream/sink.hh"
#include "stream/source.hh"

namespace slipway::stream {

/// A ring of chunks that are handed over by pointer. It carries bytes, the end, one failure and
/// cancellation. A chunk is handed over when it is full, and partly filled only at the end or at a
/// failure (measured: ISA-L's fast loop wants full chunks). Capacity is the whole memory story.
class Pipe {
public:
    static constexpr std::size_t kChunkBytes = 256 * KiB;

    /// Holds at most `capacity_bytes`, rounded up to at least two chunks of `chunk_bytes`.
    /// When `stop` is requested both ends throw Canceled.
    Pipe(std::size_t capacity_bytes, std::stop_token stop, std::size_t chunk_bytes = kChunkBytes);
    ~Pipe();
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    /// The writer's end; used by one thread.
    Sink& in() noexcept;
    /// The reader's end; used by one thread.
    Source& out() noexcept;

    /// The writer gives up: the reader gets all good bytes and then `reason`. Exactly one thread
    /// is handed the reason. Called by the writer's thread.
    void fail(std::exception_ptr reason) noexcept;
    /// The reader will read no more: the writer's next call throws Canceled. Called by the
    /// reader's thread.
    void leave() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::stream
