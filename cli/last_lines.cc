// Waits for both outputs and for signals at once.

#include "cli/last_lines.hh"

#include <chrono>
#include <csignal>
#include <vector>

#include <poll.h>

#include "base/wait.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{300}; // once interrupted

} // namespace

void finish_output(Console& console, SignalWatch& signals, bool interrupted) {
    const Deadline deadline =
        interrupted ? Deadline(std::chrono::steady_clock::now() + kPatience) : Deadline();
    for (;;) {
        std::vector<pollfd> fds{{signals.fd(), POLLIN, 0}};
        for (Output* output : {&console.out, &console.err}) {
            output->write_some();
            if (output->pending()) {
                fds.push_back({output->fd(), POLLOUT, 0});
            }
        }
        if (fds.size() == 1 || poll_fds(fds, {}, deadline) == 0) {
            return;
        }
        while (const auto signal = signals.next()) {
            if (*signal != SIGWINCH) {
                return;
            }
        }
    }
}

} // namespace slipway::cli
