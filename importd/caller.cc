// GetConnectionCredentials: D-Bus Specification, "Message Bus Messages".

#include "importd/caller.hh"

#include <map>
#include <utility>

namespace slipway::importd {
namespace {

std::uint32_t uid_in(bus::Incoming& reply) {
    const auto [credentials] = reply.read<std::map<std::string, bus::Variant>>();
    const auto uid = credentials.find("UnixUserID");
    if (uid == credentials.end()) {
        throw Error(Kind::Denied, "the bus does not know which user calls");
    }
    return uid->second.get<std::uint32_t>();
}

} // namespace

Callers::Callers(bus::Connection& connection)
    : driver_(connection, bus::kDriver, "/org/freedesktop/DBus") {}

void Callers::ask(const bus::Call& call, Known known, Unknown unknown) {
    if (pending_ >= kPending) {
        unknown(Error(Kind::Limit, "{} calls wait already", pending_));
        return;
    }
    ++pending_;
    const Caller caller{call.sender(), 0, call.allows_interaction()};
    driver_.call(
        bus::kDriver, "GetConnectionCredentials", {},
        [this, caller, known = std::move(known), unknown](bus::Incoming reply) {
            --pending_;
            try {
                known(Caller{caller.name, uid_in(reply), caller.interactive});
            } catch (const std::exception& error) {
                unknown(error);
            }
        },
        [this, unknown](const bus::Failure& failure) {
            --pending_;
            unknown(bus::error_of(failure));
        },
        caller.name);
}

} // namespace slipway::importd
