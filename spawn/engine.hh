// Who runs a machine: a process for each boot, in the machine's control groups, that tells how far
// the machine is and can be asked for its end.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "machine/launch_plan.hh"
#include "spawn/machine_console.hh"
#include "spawn/notification.hh"
#include "spawn/process_id.hh"

namespace slipway::spawn {

class Engine {
public:
    virtual ~Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// For one boot, with the machine's console.
    /// @throws Error NotFound: it is not installed
    virtual ChildProcess start(const MachineConsole& console) = 0;

    /// Readable when it tells something; good until the next start.
    virtual std::vector<int> fds() const = 0;
    /// The next thing it tells; nothing when nothing waits.
    virtual std::optional<Notification> next(const ChildProcess& engine) = 0;

    /// Asks for an orderly end.
    /// @param signal  for what runs in a machine that is not booted
    /// @returns whether it may have asked too early, and has to ask again
    virtual bool ask_for_poweroff(const ProcessId& leader, int signal) = 0;
    virtual void ask_for_reboot(const ProcessId& leader) = 0;
    /// Whether it has ended so that the machine is booted once more.
    virtual bool wants_reboot(const ChildExit& exit) const noexcept = 0;

protected:
    Engine() = default;
};

/// @param plan       outlives it
/// @param directory  of the machine in the registry
/// @throws Error
std::unique_ptr<Engine> make_engine(const machine::LaunchPlan& plan,
                                    const std::filesystem::path& directory);

/// The plan's process, in the plan's control groups.
/// @param fds  beside those of the console: ours (borrowed) → theirs
ChildProcess start_process(const machine::LaunchPlan& plan, const MachineConsole& console,
                           const std::vector<std::string>& environment,
                           const std::vector<std::pair<int, int>>& fds);

/// Why the engine ended before there was a machine, in one line: its last words.
std::string last_words(const ChildProcess& engine);

} // namespace slipway::spawn
