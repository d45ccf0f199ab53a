// write(2) in pieces, as far as the kernel has room.

#include "stream/copy_sink.hh"

#include <cassert>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::stream {

CopySink::CopySink(Sink& next, Fd copy, std::stop_token stop)
    : next_(&next), copy_(std::move(copy)) {
    waiter_.emplace(std::move(stop));
    if (::fcntl(copy_.get(), F_SETFL, O_WRONLY | O_NONBLOCK) < 0) {
        throw errno_error("cannot prepare the descriptor for a copy");
    }
}

std::span<std::byte> CopySink::room() {
    room_ = next_->room();
    return room_;
}

void CopySink::advance(std::size_t size) {
    assert(size <= room_.size());
    unwritten_ = room_.first(size);
    write_copy();
    next_->advance(size);
}

void CopySink::finish() {
    copy_.reset();
    next_->finish();
}

void CopySink::divert(Sink& next, std::stop_token stop) {
    next_ = &next;
    waiter_.emplace(std::move(stop));
    write_copy();
}

void CopySink::write_copy() {
    while (copy_ && !unwritten_.empty()) {
        const ssize_t done = ::write(copy_.get(), unwritten_.data(), unwritten_.size());
        if (done >= 0) {
            unwritten_ = unwritten_.subspan(static_cast<std::size_t>(done));
        } else if (errno == EPIPE) {
            copy_.reset();
        } else if (errno == EAGAIN) {
            pollfd room{copy_.get(), POLLOUT, 0};
            waiter_->poll({&room, 1});
        } else if (errno != EINTR) {
            throw errno_error("cannot copy what comes");
        }
    }
}

} // namespace slipway::stream
