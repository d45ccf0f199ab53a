// Programs of ours that still run, found in /proc.

#include "tests/e2e/processes.hh"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;

// proc(5): "pid (comm) state ppid …"; comm may hold anything.
std::optional<Process> read_process(const fs::path& directory) {
    std::ifstream file(directory / "stat");
    std::stringstream content;
    content << file.rdbuf();
    const std::string text = content.str();
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos) {
        return std::nullopt; // gone meanwhile
    }
    Process process;
    process.name = text.substr(open + 1, close - open - 1);
    std::istringstream head(text.substr(0, open));
    std::istringstream rest(text.substr(close + 1));
    head >> process.pid;
    rest >> process.state >> process.parent;
    return process;
}

std::vector<Process> all_processes() {
    std::vector<Process> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        if (std::optional<Process> process = read_process(entry.path())) {
            all.push_back(std::move(*process));
        }
    }
    return all;
}

std::vector<Process> our_programs() {
    std::vector<Process> ours = all_processes();
    std::erase_if(ours, [](const Process& process) {
        return process.parent != ::getpid() || !process.name.starts_with("slipway");
    });
    return ours;
}

} // namespace

std::optional<pid_t> find_child_of(pid_t parent, const std::string& name) {
    constexpr std::size_t kNameBytes = 15; // the kernel keeps no more
    for (const Process& process : all_processes()) {
        if (process.parent == parent && process.name == name.substr(0, kNameBytes) &&
            process.state != 'Z') {
            return process.pid;
        }
    }
    return std::nullopt;
}

void adopt_orphans() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool wait_for_end(pid_t pid, std::chrono::milliseconds patience) {
    const Fd watch(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pollfd one{watch.get(), POLLIN, 0};
    return !watch || ::poll(&one, 1, static_cast<int>(patience.count())) > 0;
}

std::vector<std::string> leftover_programs() {
    std::vector<std::string> left;
    for (const Process& process : our_programs()) {
        left.push_back(process.name + (process.state == 'Z' ? " (ended)" : " (runs)"));
    }
    return left;
}

std::vector<std::string> wait_for_orphans(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        // One of them may leave others when it ends.
        const std::vector<Process> programs = our_programs();
        std::vector<std::string> left;
        for (const Process& process : programs) {
            const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            if (wait_for_end(process.pid, std::max(rest, std::chrono::milliseconds(0)))) {
                ::waitpid(process.pid, nullptr, 0);
            } else {
                left.push_back(process.name);
            }
        }
        if (programs.empty() || !left.empty()) {
            return left;
        }
    }
}

} // namespace slipway::tests
