// slipway status NAME...

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/commands.hh"
#include "cli/image_status.hh"
#include "cli/machines.hh"
#include "spawn/cgroup.hh"
#include "spawn/console_text.hh"
#include "spawn/guest_facts.hh"
#include "spawn/init_signals.hh"
#include "spawn/process_usage.hh"
#include "toolbox/machine.hh"

namespace slipway::cli {
namespace {

constexpr std::size_t kLastLines = 10;

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void add(std::string& text, std::string_view key, const std::string& value) {
    if (!value.empty()) {
        text += fmt::format("{:>11}: {}\n", key, value);
    }
}

void add_guest(std::string& text, const spawn::MachineRecord& machine) {
    if (machine.leader) {
        add(text, "Leader",
            fmt::format("{} ({})", machine.leader->pid, spawn::program_of(*machine.leader)));
    }
    try {
        const spawn::Guest guest(machine);
        add(text, "Address", fmt::format("{}", fmt::join(spawn::addresses_of(guest), " ")));
        const spawn::GuestSystem system = spawn::system_of(guest);
        add(text, "OS", system.id + (system.version.empty() ? "" : " " + system.version));
    } catch (const Error&) {
        // Between two boots there is none.
    }
}

void add_usage(std::string& text, const spawn::MachineRecord& machine) {
    const std::vector<pid_t> processes = spawn::processes_of(machine.cgroups.front());
    const spawn::ProcessUsage usage = spawn::usage_of(machine.cgroups, processes);
    add(text, "Tasks", fmt::format("{}", processes.size()));
    add(text, "Memory", format_size(usage.memory_bytes));
    add(text, "CPU", fmt::format("{:.3f}s", std::chrono::duration<double>(usage.cpu).count()));
}

std::string status_of(const spawn::MachineRecord& machine) {
    std::string text = machine.name + "\n";
    add(text, "State",
        fmt::format("{}{}", word(machine.state),
                    machine.state == spawn::RunState::Running && !machine.is_ready
                        ? ", not ready yet"
                        : ""));
    if (machine.booted_us != 0) {
        add(text, "Since", format_age(machine.booted_us, now_us()));
    }
    add_guest(text, machine);
    add(text, "Image", machine.image);
    add(text, "Root", machine.root.string());
    add(text, "Unit", machine.unit);
    if (machine.supervisor.pid != 0) {
        add(text, "Supervisor", fmt::format("{}", machine.supervisor.pid));
    }
    if (!machine.cgroups.empty()) {
        add(text, "CGroup", machine.cgroups.front().string());
        add_usage(text, machine);
    }
    const std::string lines = spawn::plain_text(
        spawn::last_lines_of(toolbox::open_machine(machine)->last_output(kLastLines), kLastLines));
    return lines.empty() ? text : text + "\n" + lines;
}

} // namespace

int cmd_status(const Invocation& asked, Console& console) {
    const spawn::Registry machines = open_machines(console);
    std::string text;
    for (const std::string& name : asked.operands) {
        text += (text.empty() ? "" : "\n") + status_of(find_machine(machines, name));
    }
    print_result(console, text);
    return 0;
}

} // namespace slipway::cli
