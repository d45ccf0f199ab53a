// Both directions are small and are written at once; a terminal that does not read holds us up, as
// it should.

#include "cli/terminal_relay.hh"

#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/wait.hh"

namespace slipway::cli {
namespace {

bool pass_on(int from, int to) {
    std::array<char, 4096> bytes{};
    const ssize_t got = ::read(from, bytes.data(), bytes.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (got <= 0) {
        return false; // EIO: no slave is open
    }
    write_all(to, {bytes.data(), static_cast<std::size_t>(got)});
    return true;
}

} // namespace

TerminalRelay::TerminalRelay(Fd master) : master_(std::move(master)) {
    resize();
}

void TerminalRelay::resize() const noexcept {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        ::ioctl(master_.get(), TIOCSWINSZ, &size);
    }
}

bool TerminalRelay::take_input() {
    return pass_on(STDIN_FILENO, master_.get());
}

bool TerminalRelay::take_output() {
    return pass_on(master_.get(), STDOUT_FILENO);
}

void TerminalRelay::drain() {
    while (wait_for(master_.get(), POLLIN, {}, std::chrono::steady_clock::now()) && take_output()) {
    }
}

} // namespace slipway::cli
