// A second reader for bytes that pass: they go to a descriptor as they come.

#pragma once

#include <optional>
#include <stop_token>

#include "base/fd.hh"
#include "base/wait.hh"
#include "stream/sink.hh"

namespace slipway::stream {

/// Passes bytes on unchanged once they have been written to the descriptor. A reader that is slow
/// slows the stream down; one that goes away is no error: nothing is copied any more.
class CopySink final : public Sink {
public:
    /// @param copy  a pipe's writing end, which becomes non-blocking and is closed by finish(). The
    ///              program ignores SIGPIPE.
    /// @param stop  ends the waiting for a reader that stalls
    CopySink(Sink& next, Fd copy, std::stop_token stop);
    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;
    /// What comes from now on is passed to another sink, and another stop is listened to. The copy
    /// misses nothing: what the first stop interrupted is written now.
    void divert(Sink& next, std::stop_token stop);

private:
    void write_copy();

    Sink* next_;
    Fd copy_; ///< none: nobody reads any more
    std::optional<Waiter> waiter_;
    std::span<std::byte> room_;
    Bytes unwritten_; ///< of the room that was advanced over
};

} // namespace slipway::stream
