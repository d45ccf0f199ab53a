// What a process wrote before its end may reach the journal after it: it is synchronized first.

#include "toolbox/journal.hh"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"

namespace slipway::toolbox {
namespace {

constexpr std::size_t kMaxBytes = 256 * KiB;

ChildSpec journalctl(const std::vector<std::string>& arguments, int out) {
    return {.program = "/usr/bin/journalctl",
            .arguments = arguments,
            .fds = {{out, STDOUT_FILENO}},
            .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}},
            .capture_stderr = true};
}

std::string ask(const std::vector<std::string>& arguments) {
    const Fd said = make_memfd();
    ChildProcess child(journalctl(arguments, said.get()));
    return child.wait().success() ? read_all(said.get(), kMaxBytes) : "";
}

} // namespace

std::string last_journal_lines(const std::string& unit, int lines,
                               std::chrono::system_clock::time_point since) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(since.time_since_epoch()).count();
    try {
        sync_journal();
        return ask({"--quiet", "--no-pager", "--output=cat", fmt::format("--lines={}", lines),
                    fmt::format("--since=@{}", seconds), "_SYSTEMD_UNIT=" + unit});
    } catch (const Error& error) {
        debug("the journal of {}: {}", unit, error.what());
        return "";
    }
}

FollowedJournal::FollowedJournal(const std::string& unit, std::size_t lines)
    : FollowedJournal(make_pipe(), {"--quiet", "--no-pager", "--output=cat", "--follow",
                                    fmt::format("--lines={}", lines), "_SYSTEMD_UNIT=" + unit}) {}

FollowedJournal::FollowedJournal(Pipe pipe, const std::vector<std::string>& arguments)
    : said_(std::move(pipe.read)), journal_(journalctl(arguments, pipe.write.get())) {}

std::string FollowedJournal::read() {
    std::array<char, 4 * KiB> bytes{};
    const ssize_t got = ::read(said_.get(), bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

void sync_journal() {
    ask({"--sync"});
}

} // namespace slipway::toolbox
