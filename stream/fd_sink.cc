// O_NONBLOCK belongs to the open file, which others share: it is never set here. A pipe that says
// it is ready takes PIPE_BUF bytes without waiting (poll(2), pipe(7)); a socket is asked not to
// wait.

#include "stream/fd_sink.hh"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::stream {
namespace {

constexpr std::size_t kBufferBytes = 256 * KiB;

} // namespace

FdSink::FdSink(int fd, std::string name, std::stop_token stop)
    : fd_(fd), name_(std::move(name)), stop_(stop), waiter_(std::move(stop)),
      at_once_(kBufferBytes), buffer_(kBufferBytes) {
    struct stat info {};
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fstat(fd, &info) < 0) {
        throw errno_error("cannot look at {}", name_);
    }
    is_socket_ = S_ISSOCK(info.st_mode);
    waits_ = is_socket_ || S_ISFIFO(info.st_mode);
    if (S_ISFIFO(info.st_mode) && (flags & O_NONBLOCK) == 0) {
        at_once_ = PIPE_BUF;
    }
}

std::span<std::byte> FdSink::room() {
    return std::span(buffer_).subspan(used_);
}

void FdSink::advance(std::size_t size) {
    used_ += size;
    if (used_ == buffer_.size()) {
        flush();
    }
}

void FdSink::finish() {
    flush();
}

// Large pieces go without a copy.
void FdSink::write(Bytes data) {
    if (data.size() < buffer_.size() / 4) {
        Sink::write(data);
        return;
    }
    flush();
    put(data);
}

void FdSink::flush() {
    put(Bytes(buffer_).first(std::exchange(used_, 0)));
}

void FdSink::put(Bytes data) {
    while (!data.empty()) {
        if (waits_) {
            pollfd ready{fd_, POLLOUT, 0};
            waiter_.poll({&ready, 1});
        } else if (stop_.stop_requested()) {
            throw Canceled();
        }
        data = data.subspan(put_some(data.first(std::min(data.size(), at_once_))));
    }
}

std::size_t FdSink::put_some(Bytes data) {
    const ssize_t written = is_socket_
                                ? ::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                : ::write(fd_, data.data(), data.size());
    if (written >= 0) {
        return static_cast<std::size_t>(written);
    }
    if (errno == EINTR || errno == EAGAIN) {
        return 0;
    }
    if (errno == EPIPE || errno == ECONNRESET) {
        throw Error(Kind::Other, "nobody reads {} any more", name_);
    }
    throw errno_error("cannot write to {}", name_);
}

} // namespace slipway::stream
