// poll(2) says whether a pipe or terminal takes bytes; PIPE_BUF bytes then go without waiting
// (pipe(7)), even though the descriptor, which others share, stays blocking.

#include "cli/output.hh"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>

#include <poll.h>
#include <unistd.h>

#include "base/bytes.hh"

namespace slipway::cli {
namespace {

constexpr std::size_t kBackedUpBytes = 64 * KiB;

} // namespace

void Output::add(std::string_view text) {
    if (error_ == 0) {
        queue_ += text;
        write_some();
    }
}

void Output::write_some() noexcept {
    std::size_t written = 0;
    while (written < queue_.size()) {
        pollfd one{fd_, POLLOUT, 0};
        if (::poll(&one, 1, 0) <= 0) {
            break;
        }
        const std::size_t size = std::min<std::size_t>(queue_.size() - written, PIPE_BUF);
        const ssize_t got = ::write(fd_, queue_.data() + written, size);
        if (got >= 0) {
            written += static_cast<std::size_t>(got);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            error_ = errno;
            written = queue_.size();
        }
    }
    queue_.erase(0, written);
}

void Output::drain(const Deadline& deadline) {
    write_some();
    while (pending() && wait_for(fd_, POLLOUT, {}, deadline)) {
        write_some();
    }
}

bool Output::backed_up() const noexcept {
    return queue_.size() > kBackedUpBytes;
}

} // namespace slipway::cli
