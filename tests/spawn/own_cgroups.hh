// Places for control groups of a test.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace slipway::tests {

/// One in each hierarchy that a machine has a group in: cgroup2, and systemd's of version 1. None
/// is made.
inline std::vector<std::filesystem::path> own_cgroups(const std::string& name) {
    std::vector<std::filesystem::path> groups;
    const std::string own = name + "-" + std::to_string(::getpid());
    for (const std::filesystem::path root :
         {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}) {
        if (std::filesystem::exists(root / "cgroup.procs")) {
            groups.push_back(root / own);
        }
    }
    return groups;
}

/// Why there are none here; nothing when there are.
inline std::optional<std::string> no_cgroups() {
    const auto groups = own_cgroups("probe");
    if (groups.empty() || ::access(groups.front().parent_path().c_str(), W_OK) < 0) {
        return "control groups cannot be made here";
    }
    return std::nullopt;
}

} // namespace slipway::tests
