// slipway monitor

#include <csignal>

#include "cli/commands.hh"
#include "cli/daemon_loop.hh"
#include "cli/last_lines.hh"
#include "cli/monitor.hh"

namespace slipway::cli {

int cmd_monitor(const Invocation& asked, Console& console) {
    const auto daemon = Daemon::expect("monitor");
    const auto view = make_monitor_view(asked.options, console);
    SignalWatch signals;
    DaemonLoop loop(*daemon, console, signals);
    Monitor monitor(*daemon, *view);
    for (;;) {
        const auto signal = loop.round();
        if (signal == SIGWINCH) {
            view->resized();
        } else if (signal || console.out.error() != 0) {
            break; // or whoever read this has left
        }
    }
    view->close();
    finish_output(console, signals, true);
    return 0;
}

} // namespace slipway::cli
