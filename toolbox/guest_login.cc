// container-getty@.service, as systemd-machined uses it.

#include "toolbox/guest_login.hh"

#include "base/bus.hh"
#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::toolbox {

void start_getty(const spawn::Guest& guest, const std::string& terminal) {
    const std::string unit =
        "container-getty@" + terminal.substr(terminal.rfind('/') + 1) + ".service";
    try {
        bus::Connection bus = bus::Connection::open_container_bus(guest.leader());
        bus::Peer manager(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1");
        manager.call_and_wait("org.freedesktop.systemd1.Manager", "StartUnit", {}, unit,
                              std::string("replace"));
    } catch (Error& error) {
        error.add_context("starting {} in machine {}", quoted(unit), quoted(guest.record().name));
        throw;
    }
}

} // namespace slipway::toolbox
