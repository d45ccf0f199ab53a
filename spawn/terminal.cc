// pty(7), with the slave opened through the master (TIOCGPTPEER), whatever is mounted at /dev/pts.

#include "spawn/terminal.hh"

#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::spawn {

Terminal open_terminal() {
    Terminal terminal{.master = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), .slave = Fd()};
    if (!terminal.master || ::unlockpt(terminal.master.get()) < 0) {
        throw errno_error("cannot make a terminal");
    }
    terminal.slave.reset(
        ::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal.slave) {
        throw errno_error("cannot open a terminal");
    }
    return terminal;
}

} // namespace slipway::spawn
