// Until its bus is there nobody can be told anything: that is tried in short steps.

#include "toolbox/guest_boot.hh"

#include <algorithm>
#include <array>
#include <optional>

#include "base/bus.hh"
#include "base/error.hh"

namespace slipway::toolbox {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStep{50};

bool is_over(const Deadline& deadline) {
    return deadline && steady_clock::now() >= *deadline;
}

// systemd has one bus for itself and this one for everybody.
bool has_bus(const spawn::Guest& guest) {
    return guest.why_not_run("dbus-daemon") == 0 || guest.why_not_run("dbus-broker-launch") == 0;
}

bool is_starting(bus::Connection& bus) {
    bus::Peer manager(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1");
    const auto [state] = manager
                             .call_and_wait("org.freedesktop.DBus.Properties", "Get", {},
                                            std::string("org.freedesktop.systemd1.Manager"),
                                            std::string("SystemState"))
                             .read<bus::Variant>();
    const auto text = state.get<std::string>();
    return text == "initializing" || text == "starting";
}

} // namespace

bool wait_until_booted(const spawn::Guest& guest, const Deadline& deadline) {
    if (!guest.has_systemd() || !has_bus(guest)) {
        return true;
    }
    std::optional<bus::Connection> bus;
    while (!is_over(deadline)) {
        try {
            if (!bus) {
                bus.emplace(bus::Connection::open_container_bus(guest.leader()));
            }
            if (!is_starting(*bus)) {
                return true;
            }
        } catch (const Error&) {
            bus.reset(); // it does not answer yet
        }
        const auto next = steady_clock::now() + kStep;
        if (wait_for(guest.pidfd(), POLLIN, {}, deadline ? std::min(*deadline, next) : next)) {
            return false;
        }
    }
    return false;
}

} // namespace slipway::toolbox
