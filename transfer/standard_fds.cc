// What comes here is the caller's, who may have closed anything.

#include "transfer/standard_fds.hh"

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway::transfer {
namespace {

constexpr int kPassedFd = 3;
constexpr std::size_t kMaxRequestBytes = 64 * KiB;

// The keeper has some 20 open, slipway-unpack one for each directory that it is in.
constexpr rlim_t kNeededFds = 64;

} // namespace

void fill_standard_fds() {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // The lowest free number is taken, so each closed one gets its own.
        if (::fcntl(standard, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != standard) {
            throw errno_error("cannot open /dev/null");
        }
    }
}

Fd take_passed_fd() {
    Fd passed(::fcntl(kPassedFd, F_DUPFD_CLOEXEC, kPassedFd + 1));
    if (passed) {
        ::close(kPassedFd);
    }
    return passed;
}

std::string read_request_line(int fd) {
    std::string line;
    for (char byte = 0;;) {
        const ssize_t got =
            ::read(fd, &byte, 1); // what follows belongs to whoever watches for the end
        if (got < 0 && errno != EINTR) {
            throw errno_error("cannot read the request from standard input");
        }
        if (got == 0) {
            throw Error(Kind::InvalidArgument,
                        "standard input ended before the request's newline; expected one line of "
                        "docs/protocol.md §1. slipway is the program for people");
        }
        if (got == 1 && byte == '\n') {
            return line;
        }
        if (got == 1) {
            line.push_back(byte);
        }
        if (line.size() > kMaxRequestBytes) {
            throw Error(Kind::InvalidArgument, "the request is longer than {} bytes",
                        kMaxRequestBytes);
        }
    }
}

void check_fd_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kNeededFds) {
        throw Error(Kind::Limit,
                    "only {} files may be open at once (RLIMIT_NOFILE), a transfer needs {}; "
                    "nothing was done. Raise the limit with ulimit -n",
                    limit.rlim_cur, kNeededFds);
    }
}

} // namespace slipway::transfer
