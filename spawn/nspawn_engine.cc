// An init is asked in the way that it understands; a command gets the signal that we got.

#include "spawn/nspawn_engine.hh"

#include <fstream>

#include <fmt/format.h>

#include "spawn/init_signals.hh"
#include "spawn/signal_name.hh"

namespace slipway::spawn {
namespace {

// systemd-nspawn's status for a machine that wants to be booted again, with --keep-unit.
constexpr int kReboot = 133;

std::vector<ProcessId> children_of(const ProcessId& process) {
    std::vector<ProcessId> children;
    std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", process.pid));
    for (pid_t pid = 0; file >> pid;) {
        if (const std::optional<ProcessId> child = find_process(pid)) {
            children.push_back(*child);
        }
    }
    return children;
}

// The stub of an init would send SIGHUP, in which few see their end.
void ask_command(const ProcessId& leader, int signal) {
    const std::vector<ProcessId> commands = children_of(leader);
    for (const ProcessId& command : commands) {
        signal_process(command, signal);
    }
    if (commands.empty()) { // it is the first process itself
        signal_process(leader, signal);
    }
}

} // namespace

NspawnEngine::NspawnEngine(const machine::LaunchPlan& plan, const std::filesystem::path& directory)
    : plan_(plan), notify_path_(directory / "notify"), notify_(notify_path_) {}

ChildProcess NspawnEngine::start(const MachineConsole& console) {
    std::vector<std::string> environment = plan_.environment;
    std::erase_if(environment,
                  [](const std::string& one) { return one.starts_with("NOTIFY_SOCKET="); });
    environment.push_back("NOTIFY_SOCKET=" + notify_path_.string());
    return start_process(plan_, console, environment, {});
}

// Once for a command: to many a second signal means "at once".
bool NspawnEngine::ask_for_poweroff(const ProcessId& leader, int signal) {
    if (!plan_.boots) {
        ask_command(leader,
                    plan_.poweroff_signal.empty() ? signal : parse_signal(plan_.poweroff_signal));
        return false;
    }
    signal_process(leader, init_signals(program_of(leader), plan_.poweroff_signal).poweroff);
    return true;
}

void NspawnEngine::ask_for_reboot(const ProcessId& leader) {
    signal_process(leader, init_signals(program_of(leader), plan_.poweroff_signal).reboot);
}

bool NspawnEngine::wants_reboot(const ChildExit& exit) const noexcept {
    return plan_.boots && !exit.signaled && exit.code == kReboot;
}

} // namespace slipway::spawn
