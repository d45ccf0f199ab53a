// slipway poweroff NAME..., slipway stop NAME...

#include <csignal>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/process_id.hh"

namespace slipway::cli {
namespace {

// Its supervisor loses patience earlier, and kills.
constexpr std::chrono::seconds kPatience{150};

} // namespace

int cmd_poweroff(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    std::vector<spawn::MachineRecord> stopping;
    for (const std::string& name : asked.operands) {
        stopping.push_back(find_machine(machines, name));
    }
    for (const spawn::MachineRecord& machine : stopping) {
        spawn::signal_process(machine.supervisor, SIGTERM);
    }
    for (const spawn::MachineRecord& machine : stopping) {
        if (asked.options.wait && !wait_for_end(machine, kPatience)) {
            throw Error(Kind::Busy, "machine {} does not end; 'slipway terminate' kills it",
                        quoted(machine.name));
        }
    }
    return 0;
}

} // namespace slipway::cli
