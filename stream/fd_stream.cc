// read(2) straight into the next sink; bytes in memory as sink and source.

#include "stream/fd_stream.hh"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "base/error.hh"
#include "base/size.hh"
#include "base/wait.hh"

namespace slipway::stream {

void copy_fd(int fd, std::string_view name, Sink& to, std::stop_token stop) {
    Waiter waiter(std::move(stop));
    for (;;) {
        // read(2) itself may block for ever where the descriptor is not O_NONBLOCK, and that flag
        // would be seen by everybody who shares the open file.
        pollfd ready{fd, POLLIN, 0};
        waiter.poll({&ready, 1});
        const std::span<std::byte> into = to.room();
        const ssize_t size = ::read(fd, into.data(), into.size());
        if (size > 0) {
            to.advance(static_cast<std::size_t>(size));
        } else if (size == 0) {
            break;
        } else if (errno != EINTR && errno != EAGAIN) {
            throw errno_error("cannot read from {}", name);
        }
    }
    to.finish();
}

std::span<std::byte> MemorySink::room() {
    constexpr std::size_t kFirstBytes = 4 * KiB;
    if (used_ == buffer_.size()) {
        buffer_.resize(std::max(kFirstBytes, 2 * buffer_.size()));
    }
    return std::span(buffer_).subspan(used_);
}

void MemorySink::advance(std::size_t size) {
    assert(size <= buffer_.size() - used_);
    if (size > limit_bytes_ - used_) {
        throw Error(Kind::Limit, "more than {} came where at most that much was expected",
                    format_size(limit_bytes_));
    }
    used_ += size;
}

Bytes MemorySource::next() {
    const Bytes piece = rest_.first(std::min(piece_, rest_.size()));
    rest_ = rest_.subspan(piece.size());
    return piece;
}

} // namespace slipway::stream
