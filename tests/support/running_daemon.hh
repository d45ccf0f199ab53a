// slipway-importd of the build under test, on the test's bus, with directories of its own: nothing
// of /etc, /var/lib or /run is read or written.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/child_process.hh"
#include "tests/support/programs.hh"
#include "tests/support/test_bus.hh"

namespace slipway::tests {

struct DaemonOptions {
    /// By class ("machine" …); a class without one has a directory of that name beside the state.
    std::map<std::string, std::filesystem::path> pools{};
    std::string config{};                   ///< more of importd.conf, sections and all
    std::vector<std::string> arguments{};   ///< more of them
    std::vector<std::string> environment{}; ///< "NAME=value", added
    bool exits_on_idle = false;
};

class RunningDaemon {
public:
    /// Returns when the daemon owns its name.
    explicit RunningDaemon(const TestBus& bus, DaemonOptions options = {});
    /// Kills the daemon and the keepers that it left.
    ~RunningDaemon();
    RunningDaemon(const RunningDaemon&) = delete;
    RunningDaemon& operator=(const RunningDaemon&) = delete;

    pid_t pid() const noexcept { return daemon_->pid(); }
    ChildProcess& process() noexcept { return *daemon_; }

    /// SIGKILL, and it is gone. Its keepers go on.
    void kill();
    /// SIGTERM; how it ended. @throws when that takes 20 s
    ChildExit stop();
    /// Starts it again where it does not run, with the same directories.
    void start();
    void restart() {
        stop();
        start();
    }

    /// Keepers of its jobs that run, whoever started them.
    std::vector<pid_t> keepers() const;
    /// SIGKILL for all of them, and they are gone.
    void kill_keepers();

    /// What it said on standard error since it was started last.
    std::string log() const;

    /// importd.conf; what is written there counts after SIGHUP.
    std::filesystem::path config_file() const { return directory_ / "importd.conf"; }
    std::filesystem::path state() const { return directory_ / "state"; }
    /// Kept downloads; made by the first.
    std::filesystem::path cache() const { return directory_ / "cache"; }
    std::filesystem::path runtime() const { return directory_ / "run"; }
    std::filesystem::path pool(const std::string& image_class = "machine") const {
        return options_.pools.at(image_class);
    }
    /// importd.conf again with other lines after the pools.
    void write_config(const std::string& config);

private:
    const TestBus& bus_;
    DaemonOptions options_;
    TempDir directory_;
    std::optional<ChildProcess> daemon_;
};

} // namespace slipway::tests
