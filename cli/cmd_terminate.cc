// slipway terminate NAME...

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/cgroup.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};

} // namespace

int cmd_terminate(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    for (const std::string& name : asked.operands) {
        const spawn::MachineRecord machine = find_machine(machines, name);
        for (const std::filesystem::path& group : machine.cgroups) {
            spawn::kill_cgroup(group);
        }
        if (!wait_for_end(machine, kPatience)) {
            throw Error(Kind::Busy,
                        "machine {} was killed, but its supervisor, process {}, does "
                        "not end",
                        quoted(name), machine.supervisor.pid);
        }
    }
    return 0;
}

} // namespace slipway::cli
