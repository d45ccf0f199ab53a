// slipway reboot NAME...

#include "cli/commands.hh"
#include "cli/machines.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {

int cmd_reboot(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    for (const std::string& name : asked.operands) {
        toolbox::open_machine(find_machine(machines, name))->reboot();
    }
    return 0;
}

} // namespace slipway::cli
