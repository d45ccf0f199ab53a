// Who waits asks again whenever something was heard: signals say that something has changed, and
// what is true now is asked for.

#include "toolbox/service_manager.hh"

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::toolbox {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr bus::CallOptions kWish{true, bus::kNoTimeout};

using AuxiliaryUnit = bus::Struct<std::string, std::vector<UnitProperty>>;
using Change = bus::Struct<std::string, std::string, std::string>;

} // namespace

ServiceManager::ServiceManager()
    : bus_(bus::Connection::open_system_bus()), manager_(bus_, kSystemd, kPath) {
    jobs_ = bus_.subscribe(
        "type='signal',sender='org.freedesktop.systemd1',"
        "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'",
        [this](bus::Incoming signal) {
            const auto [id, job, unit, result] =
                signal.read<std::uint32_t, bus::ObjectPath, std::string, std::string>();
            ended_[job] = result;
        });
    // Nothing is read of them: that they come wakes up who waits.
    changes_ = bus_.subscribe("type='signal',sender='org.freedesktop.systemd1',"
                              "interface='org.freedesktop.DBus.Properties'",
                              [](const bus::Incoming& /*signal*/) {});
    manager_.call_and_wait(kManager, "Subscribe", {});
}

ServiceManager::Job ServiceManager::start(const std::string& unit) {
    const auto [job] =
        manager_.call_and_wait(kManager, "StartUnit", kWish, unit, std::string("fail"))
            .read<bus::ObjectPath>();
    return job;
}

ServiceManager::Job ServiceManager::start_transient(const TransientUnit& unit,
                                                    const std::vector<TransientUnit>& auxiliary) {
    std::vector<AuxiliaryUnit> others;
    for (const TransientUnit& one : auxiliary) {
        others.emplace_back(one.name, one.properties);
    }
    const auto [job] = manager_
                           .call_and_wait(kManager, "StartTransientUnit", kWish, unit.name,
                                          std::string("fail"), unit.properties, others)
                           .read<bus::ObjectPath>();
    return job;
}

std::optional<std::string> ServiceManager::result_of(const Job& job) const {
    const auto found = ended_.find(job);
    return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

// A unit that is waiting to be started again is "activating".
bool ServiceManager::is_gone(const std::string& unit) {
    const auto [list] =
        manager_.call_and_wait(kManager, "ListUnitsByNames", {}, std::vector<std::string>{unit})
            .read<std::vector<bus::Struct<std::string, std::string, std::string, std::string,
                                          std::string, std::string, bus::ObjectPath, std::uint32_t,
                                          std::string, bus::ObjectPath>>>();
    constexpr std::size_t kActiveState = 3;
    constexpr std::size_t kJob = 7;
    for (const auto& one : list) {
        const std::string& state = std::get<kActiveState>(one);
        if ((state != "inactive" && state != "failed") || std::get<kJob>(one) != 0) {
            return false;
        }
    }
    return true;
}

std::vector<UnitFileChange> ServiceManager::take_changes(std::vector<Change> changes) {
    manager_.call_and_wait(kManager, "Reload", kWish);
    std::vector<UnitFileChange> all;
    for (const Change& change : changes) {
        all.push_back({std::get<0>(change), std::get<1>(change), std::get<2>(change)});
    }
    return all;
}

std::vector<UnitFileChange> ServiceManager::enable(const std::vector<std::string>& units) {
    constexpr bool kRuntime = false;
    constexpr bool kForce = false;
    auto answer =
        manager_.call_and_wait(kManager, "EnableUnitFiles", kWish, units, kRuntime, kForce);
    return take_changes(std::get<1>(answer.read<bool, std::vector<Change>>()));
}

std::vector<UnitFileChange> ServiceManager::disable(const std::vector<std::string>& units) {
    constexpr bool kRuntime = false;
    auto answer = manager_.call_and_wait(kManager, "DisableUnitFiles", kWish, units, kRuntime);
    return take_changes(std::get<0>(answer.read<std::vector<Change>>()));
}

bool ServiceManager::wait_until(const std::function<bool()>& reached, const Deadline& deadline) {
    for (;;) {
        bus_.process();
        if (reached()) {
            return true;
        }
        const bus::PollData data = bus_.poll_data();
        Deadline next = deadline;
        if (data.deadline) {
            const std::chrono::steady_clock::time_point due(*data.deadline);
            next = deadline ? std::min(*deadline, due) : due;
        }
        pollfd one{data.fd, data.events, 0};
        poll_fds(std::span(&one, 1), {}, next);
        if (deadline && std::chrono::steady_clock::now() >= *deadline) {
            return false;
        }
    }
}

} // namespace slipway::toolbox
