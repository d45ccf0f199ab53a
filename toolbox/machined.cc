// A machine can end between two questions: then it is not there.

#include "toolbox/machined.hh"

#include <algorithm>
#include <map>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/host_facts.hh"

namespace slipway::toolbox {
namespace {

constexpr const char* kName = "org.freedesktop.machine1";
constexpr const char* kPath = "/org/freedesktop/machine1";
constexpr const char* kManager = "org.freedesktop.machine1.Manager";
constexpr bus::CallOptions kWish{true, bus::kNoTimeout};

using Values = std::map<std::string, bus::Variant>;

// Nothing of the type: the least of its values.
template <typename T>
T value_of(const Values& values, const std::string& name) {
    const auto found = values.find(name);
    return found != values.end() && found->second.containsValueOfType<T>() ? found->second.get<T>()
                                                                           : T{};
}

bool is_activatable(bus::Connection& bus) {
    bus::Peer driver(bus, bus::kDriver, "/org/freedesktop/DBus");
    const auto [names] = driver.call_and_wait(bus::kDriver, "ListActivatableNames", {})
                             .read<std::vector<std::string>>();
    return std::find(names.begin(), names.end(), kName) != names.end();
}

spawn::RunState state_of(const std::string& text) {
    return text == "opening"   ? spawn::RunState::Starting
           : text == "closing" ? spawn::RunState::Stopping
                               : spawn::RunState::Running;
}

// The bus gives names of its own to what is not there.
bool is_absence(const Error& error) {
    const std::string_view text = error.what();
    return error.kind() == Kind::NotFound ||
           text.find("org.freedesktop.machine1.NoSuchMachine") != text.npos;
}

} // namespace

std::unique_ptr<Machined> Machined::find() {
    if (!machine::runs_systemd()) {
        return nullptr;
    }
    bus::Connection bus = bus::Connection::open_system_bus();
    return is_activatable(bus) ? std::unique_ptr<Machined>(new Machined(std::move(bus))) : nullptr;
}

Machined::Machined(bus::Connection bus) : bus_(std::move(bus)), manager_(bus_, kName, kPath) {}

// @throws Error NotFound: there is none, or no longer
std::string Machined::object_of(const std::string& machine) {
    try {
        const auto [path] =
            manager_.call_and_wait(kManager, "GetMachine", {}, machine).read<bus::ObjectPath>();
        return path;
    } catch (const Error& error) {
        if (is_absence(error)) {
            throw Error(Kind::NotFound, "no machine {} runs here", quoted(machine));
        }
        throw;
    }
}

spawn::MachineRecord Machined::read(const std::string& path) {
    bus::Peer machine(bus_, kName, path);
    const auto [values] = machine
                              .call_and_wait("org.freedesktop.DBus.Properties", "GetAll", {},
                                             std::string("org.freedesktop.machine1.Machine"))
                              .read<Values>();
    spawn::MachineRecord record;
    record.engine = machine::EngineKind::NspawnUnit;
    record.name = value_of<std::string>(values, "Name");
    record.unit = value_of<std::string>(values, "Unit");
    record.service = value_of<std::string>(values, "Service");
    record.machine_class = value_of<std::string>(values, "Class");
    record.root = value_of<std::string>(values, "RootDirectory");
    record.image = record.root.filename();
    record.leader =
        spawn::find_process(static_cast<pid_t>(value_of<std::uint32_t>(values, "Leader")));
    record.state = state_of(value_of<std::string>(values, "State"));
    record.is_ready = record.state == spawn::RunState::Running;
    record.booted_us = static_cast<std::int64_t>(value_of<std::uint64_t>(values, "Timestamp"));
    record.started_us = record.booted_us;
    return record;
}

std::vector<spawn::MachineRecord> Machined::list() {
    using Entry = bus::Struct<std::string, std::string, std::string, bus::ObjectPath>;
    const auto [entries] =
        manager_.call_and_wait(kManager, "ListMachines", {}).read<std::vector<Entry>>();
    std::vector<spawn::MachineRecord> all;
    for (const Entry& entry : entries) {
        if (std::get<0>(entry).starts_with('.')) {
            continue;
        }
        try {
            all.push_back(read(std::get<3>(entry)));
        } catch (const Error& error) {
            if (error.kind() != Kind::NotFound) { // UnknownObject: it has ended meanwhile
                throw;
            }
        }
    }
    std::sort(all.begin(), all.end(),
              [](const spawn::MachineRecord& a, const spawn::MachineRecord& b) {
                  return a.name < b.name;
              });
    return all;
}

std::optional<spawn::MachineRecord> Machined::find(const std::string& name) {
    if (!spawn::is_machine_name(name)) {
        return std::nullopt;
    }
    try {
        return read(object_of(name));
    } catch (const Error& error) {
        if (error.kind() == Kind::NotFound) {
            return std::nullopt;
        }
        throw;
    }
}

void Machined::kill(const std::string& machine, const std::string& who, int signal) {
    manager_.call_and_wait(kManager, "KillMachine", kWish, machine, who,
                           static_cast<std::int32_t>(signal));
}

void Machined::terminate(const std::string& machine) {
    manager_.call_and_wait(kManager, "TerminateMachine", kWish, machine);
}

} // namespace slipway::toolbox
