// poll(2) with what the bus asks for.

#include "cli/daemon_loop.hh"

#include <algorithm>
#include <vector>

#include <poll.h>

namespace slipway::cli {

std::optional<int> DaemonLoop::round(const Deadline& deadline) {
    std::vector<pollfd> fds{{signals_.fd(), POLLIN, 0}, daemon_.poll_entry()};
    for (const Output* output : {&console_.out, &console_.err}) {
        if (output->pending()) {
            fds.push_back({output->fd(), POLLOUT, 0});
        }
    }
    const Deadline of_bus = daemon_.deadline();
    poll_fds(fds, {},
             deadline && of_bus ? std::min(deadline, of_bus)
             : deadline         ? deadline
                                : of_bus);
    console_.out.write_some();
    console_.err.write_some();
    daemon_.process();
    return signals_.next();
}

} // namespace slipway::cli
