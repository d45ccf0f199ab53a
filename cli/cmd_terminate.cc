// slipway terminate NAME...

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};

} // namespace

int cmd_terminate(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    for (const std::string& name : asked.operands) {
        const auto machine = toolbox::open_machine(find_machine(machines, name));
        machine->terminate();
        if (!machine->wait_for_end(kPatience)) {
            throw Error(Kind::Busy,
                        "machine {} was killed, but does not end; 'slipway status {}' "
                        "shows what still runs",
                        quoted(name), name);
        }
    }
    return 0;
}

} // namespace slipway::cli
