// What a process wrote before its end may reach the journal after it: it is synchronized first.

#include "toolbox/journal.hh"

#include <fmt/format.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"

namespace slipway::toolbox {
namespace {

constexpr std::size_t kMaxBytes = 256 * KiB;

std::string ask(const std::vector<std::string>& arguments) {
    const Fd said = make_memfd();
    ChildProcess child(ChildSpec{.program = "/usr/bin/journalctl",
                                 .arguments = arguments,
                                 .fds = {{said.get(), 1}},
                                 .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}},
                                 .capture_stderr = true});
    return child.wait().success() ? read_all(said.get(), kMaxBytes) : "";
}

} // namespace

std::string last_journal_lines(const std::string& unit, int lines,
                               std::chrono::system_clock::time_point since) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(since.time_since_epoch()).count();
    try {
        ask({"--sync"});
        return ask({"--quiet", "--no-pager", "--output=cat", fmt::format("--lines={}", lines),
                    fmt::format("--since=@{}", seconds), "_SYSTEMD_UNIT=" + unit});
    } catch (const Error& error) {
        debug("the journal of {}: {}", unit, error.what());
        return "";
    }
}

} // namespace slipway::toolbox
