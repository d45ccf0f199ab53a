// Standard output may wait: only we do then, not the machine.

#include "cli/console_session.hh"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <unistd.h>

#include "base/memfd.hh"
#include "base/wait.hh"
#include "cli/detach_key.hh"
#include "cli/raw_terminal.hh"
#include "cli/signals.hh"

namespace slipway::cli {
namespace {

class Session {
public:
    explicit Session(FarTerminal& far) : far_(far) { resize(); }

    SessionEnd run() {
        for (;;) {
            std::array<pollfd, 4> fds{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{far_.fd(), POLLIN, 0},
                                      pollfd{far_.end_fd(), POLLIN, 0},
                                      pollfd{signals_.fd(), POLLIN, 0}};
            poll_fds(fds, {});
            if (fds[3].revents != 0 && !take_signals()) {
                return SessionEnd::Left;
            }
            if (fds[1].revents != 0 && !take_output()) {
                return SessionEnd::Closed;
            }
            if (fds[1].revents == 0 && fds[2].revents != 0) {
                return SessionEnd::Closed;
            }
            if (fds[0].revents != 0 && !take_input()) {
                return SessionEnd::Left;
            }
        }
    }

private:
    bool take_input() {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got <= 0) {
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        }
        const std::string_view typed(bytes.data(), static_cast<std::size_t>(got));
        const std::size_t passed = key_.passed_on(typed, std::chrono::steady_clock::now());
        far_.type(typed.substr(0, passed));
        return passed == typed.size();
    }

    bool take_output() {
        const std::optional<std::string> printed = far_.take();
        write_all(STDOUT_FILENO, printed.value_or(""));
        return printed.has_value();
    }

    // False when one of them asks for the end.
    bool take_signals() {
        while (const std::optional<int> signal = signals_.next()) {
            if (*signal != SIGWINCH) {
                return false;
            }
            resize();
        }
        return true;
    }

    void resize() {
        winsize size{};
        if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
            far_.resize(size);
        }
    }

    FarTerminal& far_;
    SignalWatch signals_;
    RawTerminal raw_;
    DetachKey key_;
};

} // namespace

SessionEnd run_console_session(FarTerminal& far) {
    return Session(far).run();
}

} // namespace slipway::cli
