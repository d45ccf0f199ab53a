// slipway kill NAME...

#include "cli/commands.hh"
#include "cli/machines.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {

int cmd_kill(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    const Options::Machine& how = asked.options.machine;
    for (const std::string& name : asked.operands) {
        toolbox::open_machine(find_machine(machines, name))
            ->kill(how.kill_leader ? toolbox::Whom::Leader : toolbox::Whom::Everything, how.signal);
    }
    return 0;
}

} // namespace slipway::cli
