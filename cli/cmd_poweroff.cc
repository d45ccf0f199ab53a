// slipway poweroff NAME..., slipway stop NAME...

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {
namespace {

// A supervisor of ours loses patience by itself after as long as this, and kills.
constexpr std::chrono::seconds kPatience{90};
constexpr std::chrono::seconds kKillPatience{60};

void wait_or_kill(toolbox::Machine& machine) {
    if (machine.wait_for_end(kPatience)) {
        return;
    }
    machine.terminate();
    if (!machine.wait_for_end(kKillPatience)) {
        throw Error(Kind::Busy, "machine {} was killed, but does not end",
                    quoted(machine.record().name));
    }
}

} // namespace

int cmd_poweroff(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    std::vector<std::unique_ptr<toolbox::Machine>> stopping;
    for (const std::string& name : asked.operands) {
        stopping.push_back(toolbox::open_machine(find_machine(machines, name)));
    }
    for (const auto& machine : stopping) {
        machine->power_off();
    }
    for (const auto& machine : stopping) {
        if (asked.options.wait) {
            wait_or_kill(*machine);
        }
    }
    return 0;
}

} // namespace slipway::cli
