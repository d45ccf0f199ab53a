// A dead one is told by its supervisor's lock, which is free.

#include "cli/machines.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "spawn/process_id.hh"

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

spawn::MachineRecord find_machine(const spawn::Registry& machines, const std::string& name) {
    if (std::optional<spawn::MachineRecord> machine = machines.find(name)) {
        return std::move(*machine);
    }
    throw Error(Kind::NotFound, "no machine {} runs here; 'slipway list' shows those that do",
                quoted(name));
}

bool wait_for_end(const spawn::MachineRecord& machine, std::chrono::seconds patience) {
    const Fd supervisor = spawn::open_process(machine.supervisor);
    return !supervisor ||
           wait_for(supervisor.get(), POLLIN, {}, std::chrono::steady_clock::now() + patience);
}

} // namespace slipway::cli
