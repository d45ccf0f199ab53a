// Machines to boot: a busybox in a tree of its own, small enough for every test; and this system
// once more, for what needs a systemd inside.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "machine/launch_plan.hh"
#include "spawn/launch.hh"
#include "spawn/registry.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"
#include "tests/support/temp_pool.hh"

namespace slipway::tests {

/// Why no machine can be booted here; nothing when one can.
std::optional<std::string> no_machines();

/// A tree that boots in an instant: busybox as init, and what its applets are called.
void make_busybox_tree(const std::filesystem::path& root);

/// A plan as it is made for a host without systemd. Its names are its own on this host.
machine::LaunchPlan plan_of(const std::filesystem::path& root, std::vector<std::string> flags);

/// One machine of busybox, and what the host knows of it.
class BusyboxMachine {
public:
    /// Does not boot it. @param flags  of systemd-nspawn, beside those that each machine has
    explicit BusyboxMachine(const std::string& flag = "--private-users=no");
    /// In a pool on a file system of the test's; on btrfs the image is a subvolume.
    explicit BusyboxMachine(const LoopFs& fs);
    /// Ends it, if it runs.
    ~BusyboxMachine();
    BusyboxMachine(const BusyboxMachine&) = delete;
    BusyboxMachine& operator=(const BusyboxMachine&) = delete;

    void boot() { spawn::launch(plan, spawn::Until::Ready, kPatience); }
    spawn::MachineRecord record() const;
    const std::string& name() const noexcept { return plan.machine; }
    std::string console() const;
    /// Until its console has said it.
    void wait_for_console(const std::string& text) const;

    /// `slipway shell NAME WORDS...`
    RunResult shell(const std::vector<std::string>& words, const std::string& input = "") const;
    RunResult slipway(std::vector<std::string> words) const;

    /// What is still there of it: processes, mounts, control groups, links, locks, files. One line
    /// each.
    std::vector<std::string> traces() const;

    TempPool pool;
    machine::LaunchPlan plan;

    inline static constexpr std::chrono::seconds kPatience{120};
};

} // namespace slipway::tests
