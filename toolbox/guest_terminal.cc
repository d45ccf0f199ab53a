// Opened by a child that has joined the machine, and handed out over a socket.

#include "toolbox/guest_terminal.hh"

#include <cstdlib>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "spawn/enter.hh"

namespace slipway::toolbox {
namespace {

int open_and_send(const spawn::Guest& guest, int socket) {
    spawn::join(guest, CLONE_NEWNS);
    const Fd master(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::string name(64, '\0');
    if (!master || ::unlockpt(master.get()) < 0 ||
        ::ptsname_r(master.get(), name.data(), name.size()) != 0) {
        throw errno_error("cannot open a terminal in machine {}", quoted(guest.record().name));
    }
    send_message(socket, name.c_str(), {master.get()});
    return 0;
}

} // namespace

GuestTerminal open_guest_terminal(const spawn::Guest& guest) {
    auto [ours, theirs] = make_message_pair();
    const pid_t child = spawn::fork_with([&] { return open_and_send(guest, theirs.get()); });
    theirs.reset();
    std::optional<Message> message = receive_message(ours.get(), {});
    const int status = spawn::wait_for_status(child);
    if (!message || message->fds.size() != 1 || status != 0) {
        throw Error(Kind::Unsupported, "machine {} gave no terminal", quoted(guest.record().name));
    }
    return {.master = std::move(message->fds.front()), .name = message->text};
}

} // namespace slipway::toolbox
