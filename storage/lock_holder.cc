// Only on the way to an error message: it looks at every descriptor of every process.

#include "storage/lock_holder.hh"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/quoted.hh"

namespace slipway::storage {
namespace {

namespace fs = std::filesystem;

std::vector<long> processes() {
    std::vector<long> pids;
    std::error_code error;
    for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        long pid = 0;
        const auto [last, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (problem == std::errc() && last == name.data() + name.size()) {
            pids.push_back(pid);
        }
    }
    std::sort(pids.begin(), pids.end());
    return pids;
}

std::string first_line(const fs::path& file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

// "lock:\t1: OFDLCK  ADVISORY  WRITE -1 fd:01:42 0 EOF" (proc(5), /proc/PID/fdinfo): shown for the
// description that holds the lock, not for others that have the file open.
bool holds_a_lock(const fs::path& fdinfo) {
    std::ifstream stream(fdinfo);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("lock:")) {
            return true;
        }
    }
    return false;
}

/// Of the files those that a process holds a lock on.
std::vector<volume::InodeId> held_by(long pid, const std::vector<volume::InodeId>& files) {
    std::vector<volume::InodeId> held;
    const fs::path process = fs::path("/proc") / std::to_string(pid);
    std::error_code error;
    for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
         it.increment(error)) {
        struct stat info {};
        if (::stat(it->path().c_str(), &info) < 0) {
            continue;
        }
        const volume::InodeId id{info.st_dev, info.st_ino};
        if (std::find(files.begin(), files.end(), id) != files.end() &&
            holds_a_lock(process / "fdinfo" / it->path().filename())) {
            held.push_back(id);
        }
    }
    return held;
}

// The unit or scope that the service manager keeps it in: the name by which it can be stopped.
// cgroups(7): a line for each hierarchy, "ID:CONTROLLERS:PATH".
std::string unit_of(long pid) {
    std::ifstream groups(fmt::format("/proc/{}/cgroup", pid));
    for (std::string line; std::getline(groups, line);) {
        for (const fs::path& part : fs::path(line.substr(line.rfind(':') + 1))) {
            const std::string name = part.string();
            if (name.ends_with(".service") || name.ends_with(".scope")) {
                return name;
            }
        }
    }
    return {};
}

// The kernel's name for a process has 15 bytes at most: where the command line begins with the
// same, it has the whole of it.
std::string command_of(long pid) {
    const std::string name = first_line(fmt::format("/proc/{}/comm", pid));
    std::ifstream command_line(fmt::format("/proc/{}/cmdline", pid));
    std::string program;
    std::getline(command_line, program, '\0');
    const std::string full = fs::path(program).filename().string();
    return full.starts_with(name) ? full : name;
}

std::string describe(long pid) {
    const std::string command = command_of(pid);
    const std::string unit = unit_of(pid);
    const std::string where = unit.empty() ? std::string() : ", " + escaped(unit);
    return fmt::format("{} (PID {}{})", command.empty() ? "a process" : escaped(command), pid,
                       where);
}

} // namespace

std::optional<std::string> find_lock_holder(int directory, const std::string& name) {
    struct stat file {};
    if (::fstatat(directory, name.c_str(), &file, AT_SYMLINK_NOFOLLOW) < 0) {
        return std::nullopt;
    }
    const std::vector<HeldLock> holders = find_lock_holders({{file.st_dev, file.st_ino}});
    return holders.empty() ? std::nullopt : std::optional(holders.front().text);
}

std::vector<HeldLock> find_lock_holders(const std::vector<volume::InodeId>& files) {
    std::vector<HeldLock> holders;
    if (files.empty()) {
        return holders;
    }
    for (const long pid : processes()) {
        for (const volume::InodeId& file : held_by(pid, files)) {
            holders.push_back({file, pid, describe(pid)});
        }
    }
    return holders;
}

} // namespace slipway::storage
