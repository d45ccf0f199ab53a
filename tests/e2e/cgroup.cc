// Finds the trees in /proc/self/mountinfo and the place in them in /proc/self/cgroup.

#include "tests/e2e/cgroup.hh"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <poll.h>

#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;

// Where a tree is mounted; empty when it is not. `wanted` is a word of the line (proc(5)).
fs::path mount_point(const std::string& type, const std::string& wanted) {
    std::ifstream file("/proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string skipped;
        std::string where;
        words >> skipped >> skipped >> skipped >> skipped >> where;
        const std::size_t end = line.find(" - " + type + " ");
        if (end != line.npos && line.find(wanted, end) != line.npos) {
            return where;
        }
    }
    return {};
}

// "0::/a/b" → "/a/b"; of systemd's tree "9:name=systemd:/a/b".
std::string own_group(const std::string& tree) {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t start = line.find(":" + tree + ":");
        if (start != line.npos) {
            return line.substr(start + tree.size() + 2);
        }
    }
    return "/";
}

void remove_groups(const fs::path& path) {
    std::vector<fs::path> all{path};
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
        if (entry.is_directory(error)) {
            all.push_back(entry.path());
        }
    }
    for (auto group = all.rbegin(); group != all.rend(); ++group) {
        fs::remove(*group, error);
    }
}

} // namespace

Cgroup::Cgroup(const std::string& name) {
    const fs::path unified = mount_point("cgroup2", "");
    if (unified.empty()) {
        throw std::runtime_error("cgroup2 is not mounted");
    }
    paths_.push_back(unified / fs::path(own_group("")).relative_path() / name);
    const fs::path named = mount_point("cgroup", "name=systemd");
    if (!named.empty()) {
        paths_.push_back(named / fs::path(own_group("name=systemd")).relative_path() / name);
    }
    for (const fs::path& path : paths_) {
        fs::create_directory(path);
    }
    if (!fs::exists(paths_.front() / "cgroup.kill")) {
        throw std::runtime_error("the kernel has no cgroup.kill");
    }
}

Cgroup::~Cgroup() {
    try {
        kill();
        // A group goes once its processes are reaped by whoever they belong to.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        for (const fs::path& path : paths_) {
            while (fs::exists(path) && std::chrono::steady_clock::now() < deadline) {
                remove_groups(path);
                ::poll(nullptr, 0, 10);
            }
        }
    } catch (const std::exception&) {
        // An empty group in /sys harms nobody.
    }
}

std::vector<std::string> Cgroup::around(const std::vector<std::string>& command) const {
    std::string enter;
    for (const fs::path& path : paths_) {
        enter += "echo $$ >'" + (path / "cgroup.procs").string() + "' && ";
    }
    std::vector<std::string> all{"sh", "-c", enter + "exec \"$@\"", "sh"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

void Cgroup::kill() const {
    write_file(paths_.front() / "cgroup.kill", "1");
}

} // namespace slipway::tests
