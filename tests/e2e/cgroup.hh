// A control group of the test's own: whatever runs in it can be ended, however deep it hides.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway::tests {

class Cgroup {
public:
    /// Below this process's own groups, in cgroup2 and, where that is mounted, in systemd's tree of
    /// version 1. @throws std::runtime_error  where neither can be written
    explicit Cgroup(const std::string& name);
    /// Kills everything in it and removes it with all that was made below.
    ~Cgroup();
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    /// `command`, which enters the group first. The process becomes the command.
    std::vector<std::string> around(const std::vector<std::string>& command) const;

    /// SIGKILL for everything in it.
    void kill() const;

private:
    std::vector<std::filesystem::path> paths_; ///< the first is in cgroup2
};

} // namespace slipway::tests
