// The body's way out: a kernel pipe that is never waited for. libcurl hands over 16 KiB at a time;
// they are gathered, so that one write(2) carries what one receive has brought.

#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.hh"
#include "base/fd.hh"

namespace slipway::fetch {

class BodyPipe {
public:
    /// Makes the write end of a pipe non-blocking.
    explicit BodyPipe(Fd pipe);

    /// Takes all of `data`, or nothing when there is no room for it.
    bool take(Bytes data);
    /// Moves on what the kernel has room for.
    /// @throws Canceled  the reader has gone away, whether there is something to move or not:
    ///                   nobody wants the rest
    void flush();
    bool is_empty() const noexcept { return gathered_.size() == written_; }
    int fd() const noexcept { return pipe_.get(); }

private:
    static constexpr std::size_t kCapacity = 256 * KiB;

    Fd pipe_;
    std::vector<std::byte> gathered_;
    std::size_t written_ = 0;
};

} // namespace slipway::fetch
