// poll(2) says whether a pipe or terminal takes bytes; PIPE_BUF bytes then go without waiting
// (pipe(7)), even though the descriptor, which others share, stays blocking.

#include "cli/output.hh"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdlib>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

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

Console standard_console() {
    const char* term = std::getenv("TERM");
    const bool can_redraw = term != nullptr && std::string_view(term) != "dumb";
    return {Output(STDOUT_FILENO), Output(STDERR_FILENO), ::isatty(STDOUT_FILENO) == 1,
            can_redraw && ::isatty(STDERR_FILENO) == 1};
}

std::size_t terminal_columns(int fd) noexcept {
    constexpr std::size_t kUsual = 80;
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

void drain_result(Console& console) {
    console.out.drain();
    if (console.out.error() != 0 && console.out.error() != EPIPE) {
        throw Error(kind_of_errno(console.out.error()), "cannot write to standard output: {}",
                    errno_text(console.out.error()));
    }
}

} // namespace slipway::cli
