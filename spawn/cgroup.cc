// Works in both versions of control groups (cgroups(7)). Only version 2 kills as a whole and tells
// when a group is empty; in version 1 the processes themselves are waited for.

#include "spawn/cgroup.hh"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// What SIGKILL does not end in this time waits for a disk or a network that is gone.
constexpr std::chrono::seconds kPatience{20};

constexpr int kAttempts = 10;

// The kernel lets go of a group a moment after the last process has left its list.
constexpr std::chrono::milliseconds kMoment{10};

std::vector<pid_t> listed(const fs::path& group) {
    std::ifstream file(group / "cgroup.procs");
    return {std::istream_iterator<pid_t>(file), std::istream_iterator<pid_t>()};
}

// The group and all below it, the deepest last.
std::vector<fs::path> with_children(const fs::path& group) {
    std::vector<fs::path> all{group};
    std::error_code error;
    for (fs::recursive_directory_iterator entry(group, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->is_directory(error)) {
            all.push_back(entry->path());
        }
    }
    return all;
}

bool write_kill(const fs::path& group) {
    const Fd file(::open((group / "cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
    return file && ::write(file.get(), "1", 1) == 1;
}

Fd open_pidfd(pid_t pid) {
    return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

// The numbers are read again once they are held: a process that has ended meanwhile could have left
// its number to one outside.
void kill_one_by_one(const fs::path& group) {
    for (const fs::path& one : with_children(group)) {
        std::vector<std::pair<pid_t, Fd>> held;
        for (const pid_t pid : listed(one)) {
            held.emplace_back(pid, open_pidfd(pid));
        }
        const std::vector<pid_t> still = listed(one);
        for (const auto& [pid, pidfd] : held) {
            if (pidfd && std::find(still.begin(), still.end(), pid) != still.end()) {
                ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
            }
        }
    }
}

bool is_populated(const fs::path& group) {
    std::ifstream file(group / "cgroup.events");
    std::string word;
    int value = 0;
    while (file >> word >> value) {
        if (word == "populated") {
            return value != 0;
        }
    }
    return !processes_of(group).empty();
}

// Until the group has changed, as far as that can be known; false at the deadline.
bool wait_for_change(const fs::path& group, const Deadline& deadline) {
    const Fd events(::open((group / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
    if (events) {
        // Read once, so that only what comes after it wakes us; then looked at, for what came
        // first.
        char first = 0;
        static_cast<void>(!::read(events.get(), &first, 1));
        return !is_populated(group) || wait_for(events.get(), POLLPRI, {}, deadline);
    }
    std::vector<Fd> pidfds;
    std::vector<pollfd> fds;
    for (const pid_t pid : processes_of(group)) {
        Fd pidfd = open_pidfd(pid);
        if (!pidfd) {
            return true;
        }
        fds.push_back({pidfd.get(), POLLIN, 0});
        pidfds.push_back(std::move(pidfd));
    }
    return fds.empty() || poll_fds(fds, {}, deadline) > 0;
}

void remove_directories(const fs::path& group, bool itself) {
    const auto deadline = steady_clock::now() + kPatience;
    std::vector<fs::path> all = with_children(group);
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
        while ((itself || *one != group) && ::rmdir(one->c_str()) < 0 && errno != ENOENT) {
            if (errno != EBUSY || steady_clock::now() > deadline) {
                throw errno_error("cannot remove the control group {}", quoted(one->string()));
            }
            ::poll(nullptr, 0, static_cast<int>(kMoment.count()));
        }
    }
}

// Kills until nothing is left: what was being started meanwhile was not on the list.
void empty(const fs::path& group) {
    const auto deadline = steady_clock::now() + kPatience;
    while (is_populated(group)) {
        kill_cgroup(group);
        if (!wait_for_change(group, deadline)) {
            throw Error(Kind::Busy,
                        "processes in the control group {} do not end, not even by SIGKILL: {}",
                        quoted(group.string()), fmt::join(processes_of(group), ", "));
        }
    }
}

} // namespace

void make_cgroup(const fs::path& group) {
    std::error_code error;
    // Its parent goes with the last machine, which may be just now.
    for (int attempt = 0; attempt == 0 || (error && attempt < kAttempts); ++attempt) {
        fs::create_directories(group, error);
    }
    if (error) {
        throw Error(kind_of_errno(error.value()), "cannot make the control group {}: {}",
                    quoted(group.string()), error.message());
    }
}

Fd open_cgroup(const fs::path& group) {
    Fd procs(::open((group / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!procs) {
        throw errno_error("cannot open the control group {}", quoted(group.string()));
    }
    return procs;
}

std::vector<pid_t> processes_of(const fs::path& group) {
    std::vector<pid_t> all;
    for (const fs::path& one : with_children(group)) {
        const std::vector<pid_t> some = listed(one);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

fs::path find_cgroup(const fs::path& group, pid_t process) {
    for (const fs::path& one : with_children(group)) {
        const std::vector<pid_t> in = listed(one);
        if (std::find(in.begin(), in.end(), process) != in.end()) {
            return one;
        }
    }
    return {};
}

void kill_cgroup(const fs::path& group) {
    if (!write_kill(group)) {
        kill_one_by_one(group);
    }
}

bool wait_until_empty(const fs::path& group, const Deadline& deadline) {
    while (is_populated(group)) {
        if (!wait_for_change(group, deadline)) {
            return false;
        }
    }
    return true;
}

void remove_cgroup(const fs::path& group) {
    empty(group);
    remove_directories(group, true);
}

void clear_cgroup(const fs::path& group) {
    empty(group);
    remove_directories(group, false);
}

} // namespace slipway::spawn
