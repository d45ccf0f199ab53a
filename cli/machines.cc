// A dead one is told by its supervisor's lock, which is free.

#include "cli/machines.hh"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "toolbox/machined.hh"

namespace slipway::cli {

spawn::Registry open_machines(Console& console) {
    spawn::Registry machines;
    for (const spawn::CleanedUp& dead : machines.clean_up_dead()) {
        if (dead.failures.empty()) {
            print_error(console, fmt::format("machine {} had lost its supervisor; what it has left "
                                             "is cleaned up",
                                             quoted(dead.name)));
        } else {
            print_error(console, fmt::format("machine {} had lost its supervisor, and not all that "
                                             "it has left goes: {}",
                                             quoted(dead.name), fmt::join(dead.failures, "; ")));
        }
    }
    return machines;
}

std::vector<spawn::MachineRecord> list_machines(const spawn::Registry& machines) {
    std::vector<spawn::MachineRecord> all = machines.list();
    if (const std::unique_ptr<toolbox::Machined> machined = toolbox::Machined::find()) {
        for (spawn::MachineRecord& machine : machined->list()) {
            if (!machines.find(machine.name)) {
                all.push_back(std::move(machine));
            }
        }
    }
    std::sort(all.begin(), all.end(),
              [](const auto& one, const auto& other) { return one.name < other.name; });
    return all;
}

spawn::MachineRecord find_machine(const spawn::Registry& machines, const std::string& name) {
    if (std::optional<spawn::MachineRecord> machine = machines.find(name)) {
        return std::move(*machine);
    }
    if (const std::unique_ptr<toolbox::Machined> machined = toolbox::Machined::find()) {
        if (std::optional<spawn::MachineRecord> machine = machined->find(name)) {
            return std::move(*machine);
        }
    }
    throw Error(Kind::NotFound, "no machine {} runs here; 'slipway list' shows those that do",
                quoted(name));
}

void refuse_unit(const spawn::MachineRecord& machine, const std::string& advice) {
    if (machine.engine == machine::EngineKind::NspawnUnit) {
        throw Error(Kind::Unsupported,
                    "machine {} is {} of the host's systemd, which keeps its console; {}",
                    quoted(machine.name), machine.unit, advice);
    }
}

} // namespace slipway::cli
