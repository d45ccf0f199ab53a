// signalfd(2). A blocked signal is queued even while it is ignored (signal(7)), so ignored ones
// have to be left out by hand.

#include "cli/signals.hh"

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::cli {
namespace {

bool is_ignored(int signal) noexcept {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

} // namespace

SignalWatch::SignalWatch() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
        if (!is_ignored(signal)) {
            ::sigaddset(&set, signal);
        }
    }
    fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_ || ::sigprocmask(SIG_BLOCK, &set, nullptr) < 0) {
        throw errno_error("cannot watch for signals");
    }
}

std::optional<int> SignalWatch::next() noexcept {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) {
        return std::nullopt;
    }
    return static_cast<int>(info.ssi_signo);
}

} // namespace slipway::cli
