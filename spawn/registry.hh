// The machines that run without the host's systemd, /run/slipway/machines/NAME/: state.json, and
// what their supervisors keep beside it (console, notify). The lock file .#NAME.lck beside the
// directory is held as long as the supervisor lives: whoever gets it may clean up.

#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "machine/launch_plan.hh"
#include "spawn/process_id.hh"
#include "storage/lock_file.hh"

namespace slipway::spawn {

enum class RunState {
    Starting, ///< also between two boots
    Running,  ///< there is a leader
    Stopping,
};

/// "starting", "running", "stopping".
std::string_view word(RunState state) noexcept;

/// Asks a machine's supervisor to have it boot again; SIGTERM asks for a poweroff.
inline constexpr int kRebootSignal = SIGUSR1;

/// state.json; or what machined says of a machine of the engine nspawn-unit, which has no
/// supervisor of ours, no control groups here, and no undo list.
struct MachineRecord {
    std::string name;
    std::string image;
    std::filesystem::path root;
    machine::EngineKind engine = machine::EngineKind::NspawnDirect;
    ProcessId supervisor;
    std::optional<ProcessId> leader; ///< the machine's first process
    RunState state = RunState::Starting;
    bool is_ready = false; ///< it has said so, or does not know how to
    std::vector<std::filesystem::path> cgroups;
    std::vector<machine::Undo> undo;
    std::string poweroff_signal;             ///< of its settings; empty: the init's own
    std::int64_t started_us = 0;             ///< microseconds since 1970
    std::int64_t booted_us = 0;              ///< of the present boot; 0: there was none yet
    std::string machine_class = "container"; ///< machined's "vm" among them
    std::string service = "systemd-nspawn";  ///< who has registered it
    std::uint16_t ssh_port = 0;   ///< of the host's loopback, to a virtual machine; 0: none
    std::filesystem::path kept{}; ///< a virtual machine's key and known host lie there
    std::string ssh_user{};       ///< who may log in with the machine's key
    std::string unit{};           ///< of the host's systemd; empty: none
};

/// The right to be this machine, while it lives. Left over when its process is killed: the
/// directory, with the list of what has to be undone.
class Claim {
public:
    /// In the place of what was written before, at once or not at all.
    /// @throws Error
    void write(const MachineRecord& record) const;
    /// Removes the directory.
    /// @throws Error
    void close() &&;

    const std::filesystem::path& directory() const noexcept { return directory_; }

private:
    friend class Registry;
    Claim(std::filesystem::path directory, storage::LockFile lock)
        : directory_(std::move(directory)), lock_(std::move(lock)) {}

    std::filesystem::path directory_;
    storage::LockFile lock_;
};

struct CleanedUp {
    std::string name;
    std::vector<std::string> failures; ///< what could not be undone, and why; it is tried again
};

class Registry {
public:
    inline static const std::filesystem::path kDirectory = "/run/slipway/machines";

    explicit Registry(std::filesystem::path directory = kDirectory);

    /// Those whose supervisor lives, sorted by name.
    std::vector<MachineRecord> list() const;
    std::optional<MachineRecord> find(const std::string& name) const;

    /// Where the files of a machine lie.
    std::filesystem::path directory_of(const std::string& name) const { return directory_ / name; }

    /// For the supervisor of a new machine. What a dead one has left is cleaned up first.
    /// @throws Error InvalidArgument: no name for a machine; Busy: it runs, or is being cleaned up;
    ///         Other: what was left over does not go
    Claim claim(const std::string& name) const;

    /// Undoes what machines have left whose supervisors are dead; their processes are killed. Those
    /// that there were.
    std::vector<CleanedUp> clean_up_dead() const;

private:
    std::vector<std::string> names() const;
    std::optional<MachineRecord> read(const std::string& name) const;
    std::vector<std::string> clean_up(const std::string& name) const;
    Fd open_directory() const;
    Fd make_directory() const;

    std::filesystem::path directory_;
};

/// Names of machines are host names (hostname(7)): letters, digits, '-' and '.', 64 at most.
bool is_machine_name(std::string_view text) noexcept;

} // namespace slipway::spawn
