// slipway kill NAME...

#include <csignal>

#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/cgroup.hh"
#include "spawn/process_id.hh"

namespace slipway::cli {
namespace {

// The engine is in the group, too, in a part of its own: it is none of the machine's processes. All
// hierarchies hold the same ones.
void signal_everything(const spawn::MachineRecord& machine, int signal) {
    for (const pid_t pid : spawn::processes_of(machine.cgroups.front() / "payload")) {
        if (const auto process = spawn::find_process(pid)) {
            spawn::signal_process(*process, signal);
        }
    }
}

} // namespace

int cmd_kill(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    for (const std::string& name : asked.operands) {
        const spawn::Guest guest(find_machine(machines, name));
        if (asked.options.machine.kill_leader) {
            spawn::signal_process(*guest.record().leader, asked.options.machine.signal);
        } else {
            signal_everything(guest.record(), asked.options.machine.signal);
        }
    }
    return 0;
}

} // namespace slipway::cli
