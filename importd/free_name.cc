// ListNames, ListActivatableNames, GetNameOwner, ActivatableServicesChanged: D-Bus Specification,
// "Message Bus Messages".

#include "importd/free_name.hh"

#include <algorithm>
#include <utility>
#include <vector>

namespace slipway::importd {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> names_of(bus::Incoming reply) {
    return std::get<0>(reply.read<std::vector<std::string>>());
}

} // namespace

bool is_free_name(bus::Connection& connection, const std::string& name) {
    bus::Peer driver(connection, bus::kDriver, "/org/freedesktop/DBus");
    if (contains(names_of(driver.call_and_wait(bus::kDriver, "ListActivatableNames", {})), name)) {
        return false;
    }
    if (!contains(names_of(driver.call_and_wait(bus::kDriver, "ListNames", {})), name)) {
        return true;
    }
    const auto [owner] =
        driver.call_and_wait(bus::kDriver, "GetNameOwner", {}, name).read<std::string>();
    return owner == connection.unique_name();
}

bus::Subscription watch_activatable(bus::Connection& connection, std::function<void()> handler) {
    return connection.subscribe(
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
        "interface='org.freedesktop.DBus',member='ActivatableServicesChanged'",
        [handler = std::move(handler)](const bus::Incoming&) { handler(); });
}

void ask_activatable(bus::Peer& driver, const std::string& name, std::function<void(bool)> answer) {
    driver.call(
        bus::kDriver, "ListActivatableNames", {},
        [name, answer = std::move(answer)](bus::Incoming reply) {
            answer(contains(names_of(std::move(reply)), name));
        },
        [](const bus::Failure&) {});
}

} // namespace slipway::importd
