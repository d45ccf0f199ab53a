// proc(5): /proc/PID/smaps_rollup, /proc/PID/stat; the kernel's cgroup-v2: cpu.stat, which is there
// without any controller.

#include "spawn/process_usage.hh"

#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hh"

namespace slipway::spawn {
namespace {

using std::chrono::microseconds;

// The number behind a word, in a file of lines.
std::optional<std::uint64_t> number_behind(const std::filesystem::path& file,
                                           const std::string& word) {
    std::ifstream lines(file);
    for (std::string first; lines >> first;) {
        std::uint64_t number = 0;
        if (first == word && lines >> number) {
            return number;
        }
        lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

// Fields 14 and 15, in ticks; the second may hold blanks, and ends at the last ')'.
microseconds cpu_of(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string text;
    std::getline(file, text, '\0');
    const std::size_t end = text.rfind(')');
    if (end == text.npos) {
        return {};
    }
    std::istringstream fields(text.substr(end + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    return microseconds((user + system) * (1'000'000 / ::sysconf(_SC_CLK_TCK)));
}

std::optional<microseconds> cpu_of_group(std::span<const std::filesystem::path> groups) {
    for (const std::filesystem::path& group : groups) {
        if (const auto used = number_behind(group / "cpu.stat", "usage_usec")) {
            return microseconds(*used);
        }
    }
    return std::nullopt;
}

} // namespace

ProcessUsage usage_of(std::span<const std::filesystem::path> groups,
                      std::span<const pid_t> processes) {
    ProcessUsage usage;
    const std::optional<microseconds> of_group = cpu_of_group(groups);
    usage.cpu = of_group.value_or(microseconds());
    for (const pid_t process : processes) {
        usage.memory_bytes +=
            number_behind(fmt::format("/proc/{}/smaps_rollup", process), "Pss:").value_or(0) * KiB;
        usage.cpu += of_group ? microseconds() : cpu_of(process);
    }
    return usage;
}

} // namespace slipway::spawn
