// slipway reboot NAME...

#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/init_signals.hh"

namespace slipway::cli {

int cmd_reboot(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    for (const std::string& name : asked.operands) {
        const spawn::Guest guest(find_machine(machines, name));
        const spawn::ProcessId leader = *guest.record().leader;
        spawn::signal_process(leader, spawn::init_signals(spawn::program_of(leader), "").reboot);
    }
    return 0;
}

} // namespace slipway::cli
