// A machine with systemd as its first process: this one once more, booted by systemd-nspawn from an
// overlay over our own root, so that nothing has to be fetched and nothing of ours is changed. It
// shares the network with us, its pool is a directory of ours, and what is enabled here is not
// enabled there.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hh"
#include "tests/e2e/cgroup.hh"
#include "tests/e2e/system_tree.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

/// Why such a machine cannot be booted here; nothing when it can.
std::optional<std::string> no_systemd_host();

class SystemdHost {
public:
    /// Returns when it has booted.
    SystemdHost();
    /// Ends everything in it.
    ~SystemdHost();
    SystemdHost(const SystemdHost&) = delete;
    SystemdHost& operator=(const SystemdHost&) = delete;

    /// Its root, as we see it: what is written there, it has.
    const std::filesystem::path& root() const noexcept { return tree_.root(); }
    /// Its /var/lib/machines.
    std::filesystem::path pool() const { return directory_ / "pool"; }

    /// `command` in it, as root with an environment of its own.
    std::vector<std::string> inside(const std::vector<std::string>& command) const;
    RunResult run(const std::vector<std::string>& command) const {
        return tests::run(inside(command), kOptions);
    }
    std::string run_ok(const std::vector<std::string>& command) const {
        return tests::run_ok(inside(command), kOptions);
    }

private:
    // Others may be busy on this machine.
    inline static const RunOptions kOptions{.patience = std::chrono::seconds(240)};

    void boot();

    TempDir directory_;
    SystemTree tree_;
    std::optional<Cgroup> group_;
    std::optional<ChildProcess> nspawn_;
    pid_t leader_ = 0;
};

} // namespace slipway::tests
