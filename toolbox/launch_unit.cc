// systemd's job is over when the machine's engine says READY=1; machined tells earlier that there
// is a machine.

#include "toolbox/launch_unit.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "spawn/plan_files.hh"
#include "spawn/registry.hh"
#include "spawn/undo.hh"
#include "toolbox/guest_boot.hh"
#include "toolbox/journal.hh"
#include "toolbox/machined.hh"
#include "toolbox/service_manager.hh"
#include "toolbox/unit_leftovers.hh"

namespace slipway::toolbox {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr int kLastLines = 2;

// systemd would be content with a unit that runs already.
void refuse_running(const machine::LaunchPlan& plan, Machined& machined) {
    if (spawn::Registry().find(plan.machine) || machined.find(plan.machine)) {
        throw Error(Kind::Busy, "machine {} runs already", quoted(plan.machine));
    }
}

std::unique_ptr<Machined> expect_machined() {
    std::unique_ptr<Machined> machined = Machined::find();
    if (!machined) {
        throw Error(Kind::Unsupported,
                    "the engine nspawn-unit needs systemd-machined, which is not installed: "
                    "install the package systemd-container, or use --engine=nspawn-direct; "
                    "nothing was started");
    }
    return machined;
}

// What it takes with it at its end is made by systemd in the same step.
ServiceManager::Job start(ServiceManager& systemd, const machine::LaunchPlan& plan) {
    if (plan.arguments.empty()) {
        return systemd.start(plan.unit);
    }
    std::vector<std::string> lines = plan.unit_properties;
    for (const std::string& variable : plan.environment) {
        lines.push_back("Environment=" + variable);
    }
    std::vector<TransientUnit> auxiliary;
    if (!plan.undo.empty()) {
        auxiliary.push_back(make_leftovers_unit(plan));
        lines.push_back("Requires=" + auxiliary.front().name);
        lines.push_back("After=" + auxiliary.front().name);
    }
    TransientUnit unit{.name = plan.unit, .properties = unit_properties_of(lines)};
    unit.properties.push_back(exec_property("ExecStartEx", plan.arguments));
    return systemd.start_transient(unit, auxiliary);
}

// What was there before systemd had anything to do with it.
std::vector<machine::Undo> made_before(const machine::LaunchPlan& plan) {
    std::vector<machine::Undo> steps = plan.undo;
    std::erase_if(steps, [](const machine::Undo& step) {
        return step.kind != machine::Undo::Kind::RemoveTree;
    });
    return steps;
}

// Files that are there already were left by somebody who was killed before the start.
ServiceManager::Job write_and_start(ServiceManager& systemd, const machine::LaunchPlan& plan) {
    if (plan.arguments.empty()) {
        return start(systemd, plan);
    }
    if (!systemd.is_gone(plan.unit) || !systemd.is_gone(leftovers_unit(plan.machine))) {
        throw Error(Kind::Busy,
                    "machine {} is being started or has not quite ended; nothing was "
                    "started. Try again",
                    quoted(plan.machine));
    }
    try {
        spawn::undo(made_before(plan));
        spawn::write_plan_files(plan);
        return start(systemd, plan);
    } catch (const Error&) {
        spawn::undo(made_before(plan));
        throw;
    }
}

Error failure_of(const machine::LaunchPlan& plan, const std::string& result,
                 system_clock::time_point since) {
    std::string words = last_journal_lines(plan.unit, kLastLines, since);
    while (words.ends_with('\n')) {
        words.pop_back();
    }
    return Error(Kind::Other,
                 "machine {} did not start: systemd's job for {} ended with '{}'{}{}; "
                 "'journalctl -u {}' shows more",
                 quoted(plan.machine), plan.unit, escaped(result), words.empty() ? "" : ": ",
                 escaped(words), plan.unit);
}

} // namespace

spawn::Launched launch_unit(const machine::LaunchPlan& plan, spawn::Until until,
                            std::chrono::seconds patience) {
    const auto deadline = steady_clock::now() + patience;
    const auto since = system_clock::now();
    const std::unique_ptr<Machined> machined = expect_machined();
    refuse_running(plan, *machined);
    ServiceManager systemd;
    bool is_there = false;
    const bus::Subscription machines = systemd.bus().subscribe(
        "type='signal',sender='org.freedesktop.machine1',member='MachineNew',"
        "interface='org.freedesktop.machine1.Manager',arg0='" +
            plan.machine + "'",
        [&is_there](const bus::Incoming& /*signal*/) { is_there = true; });
    const ServiceManager::Job job = write_and_start(systemd, plan);
    systemd.wait_until(
        [&] { return systemd.result_of(job) || (is_there && until == spawn::Until::Running); },
        deadline);
    const std::optional<std::string> result = systemd.result_of(job);
    if (result.value_or("done") != "done") {
        throw failure_of(plan, *result, since);
    }
    const std::optional<spawn::MachineRecord> machine = machined->find(plan.machine);
    if (!machine || !machine->leader) {
        if (!result && until == spawn::Until::Ready) { // not even that far, and the time is over
            return {};
        }
        throw failure_of(plan, result.value_or("started, but no machine"), since);
    }
    spawn::Launched launched{.leader = machine->leader->pid, .is_ready = result.has_value()};
    // The host's own unit is content when the machine runs.
    if (launched.is_ready && until == spawn::Until::Ready && plan.boots) {
        launched.is_ready = wait_until_booted(spawn::Guest(*machine), deadline);
    }
    return launched;
}

} // namespace slipway::toolbox
