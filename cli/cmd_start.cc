// slipway start NAME

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/first_boot.hh"
#include "cli/machine_plan.hh"
#include "cli/machines.hh"
#include "spawn/launch.hh"
#include "toolbox/launch_unit.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{90};

// Of a clone's random number, in the name of its machine.
constexpr std::size_t kShownDigits = 8;

} // namespace

int cmd_start(const Invocation& asked, Console& console) {
    open_machines(console);
    const Options options = choose_by_disk(asked.options, asked.operands.front());
    machine::MachineSpec spec =
        specify_machine(options, asked.operands.front(), machine::settings_of(options.machine.said),
                        Writes::Stay, console);
    if (spec.ephemeral && options.machine.name.empty()) {
        const std::string clone = spec.clone.filename().string();
        spec.name = new_machine_name(spec.image, clone.substr(clone.size() - kShownDigits));
    }
    const bool is_virtual = options.machine.engine == machine::EngineKind::Qemu;
    const bool says_something =
        !options.machine.ssh_keys.empty() || !options.machine.packages.empty();
    if (says_something && !(is_virtual && options.machine.first_boot)) {
        throw Error(
            Kind::InvalidArgument,
            "--ssh-key and --package are told to a virtual machine at its first boot, which "
            "{} has not; nothing was started. Leave them out, or use --engine=qemu",
            quoted(spec.name));
    }
    if (is_virtual && options.machine.first_boot) {
        spec.first_boot = prepare_first_boot(spec, options);
    }
    const machine::LaunchPlan plan = plan_machine(spec, options, console);
    const spawn::Until until = options.wait ? spawn::Until::Ready : spawn::Until::Running;
    const spawn::Launched launched = plan.engine == machine::EngineKind::NspawnUnit
                                         ? toolbox::launch_unit(plan, until, kPatience)
                                         : spawn::launch(plan, until, kPatience);
    if (!launched.is_ready && options.wait) {
        print_error(console, fmt::format("machine {} runs, but has not said that it has booted; "
                                         "'slipway status' shows its console",
                                         quoted(plan.machine)));
    }
    if (spec.ephemeral && options.machine.name.empty() && !options.quiet) {
        print_error(console, fmt::format("it is called {}", quoted(plan.machine)));
    }
    return 0;
}

} // namespace slipway::cli
