// Gathering and writing.

#include "fetch/body_pipe.hh"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::fetch {

BodyPipe::BodyPipe(Fd pipe) : pipe_(std::move(pipe)) {
    if (::fcntl(pipe_.get(), F_SETFL, O_WRONLY | O_NONBLOCK) < 0) {
        throw errno_error("cannot prepare the pipe of the body");
    }
}

bool BodyPipe::take(Bytes data) {
    if (!is_empty() && gathered_.size() - written_ + data.size() > kCapacity) {
        return false;
    }
    if (gathered_.size() + data.size() > gathered_.capacity()) {
        gathered_.erase(gathered_.begin(),
                        gathered_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
        gathered_.reserve(kCapacity + data.size());
    }
    gathered_.insert(gathered_.end(), data.begin(), data.end());
    return true;
}

void BodyPipe::flush() {
    pollfd reader{pipe_.get(), 0, 0};
    if (::poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0) {
        throw Canceled();
    }
    while (!is_empty()) {
        const ssize_t done =
            ::write(pipe_.get(), gathered_.data() + written_, gathered_.size() - written_);
        if (done >= 0) {
            written_ += static_cast<std::size_t>(done);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno == EPIPE) {
            throw Canceled();
        } else if (errno != EINTR) {
            throw errno_error("cannot write the body");
        }
    }
    gathered_.clear();
    written_ = 0;
}

} // namespace slipway::fetch
