// One thread that waits on standard input and a signalfd(2) and requests the stop that every wait
// of the job listens to.

#include "transfer/cancel_watch.hh"

#include <array>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

bool is_file(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

} // namespace

CancelWatch::CancelWatch(int request) : request_(is_file(request) ? -1 : request) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&set, number);
    }
    if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
        throw Error(Kind::Internal, "cannot block signals");
    }
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) {
        throw errno_error("cannot make a signalfd");
    }
    thread_ = std::jthread([this](const std::stop_token& ended) {
        try {
            watch(ended);
        } catch (const Canceled&) {
            return; // the job is over
        } catch (const Error&) {
            stop_.request_stop(); // what cannot be watched cannot be canceled: better not go on
        }
    });
}

CancelWatch::~CancelWatch() = default;

void CancelWatch::watch(const std::stop_token& ended) {
    std::array<pollfd, 2> fds{pollfd{signals_.get(), POLLIN, 0}, pollfd{request_, POLLIN, 0}};
    for (;;) {
        poll_fds(fds, ended);
        if (fds[0].revents != 0 && take_signal()) {
            stop_.request_stop();
        }
        if (fds[1].revents != 0 && request_ended()) {
            stop_.request_stop();
            fds[1].fd = -1; // poll(2) passes over it from now on
        }
    }
}

// What comes first decides; later signals are read and forgotten.
bool CancelWatch::take_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) {
        return false;
    }
    if (!stop_.stop_requested()) {
        signal_ = static_cast<int>(info.ssi_signo);
    }
    return true;
}

// What follows the request's line means nothing in protocol 1.
bool CancelWatch::request_ended() {
    std::array<char, 4096> ignored{};
    const ssize_t got = ::read(request_, ignored.data(), ignored.size());
    return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

} // namespace slipway::transfer
