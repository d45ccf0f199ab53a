// sd-journal(3), without the places in the source that its header would add.

#include "jobs/journal.hh"

#include <array>
#include <charconv>
#include <cstdlib>
#include <exception>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION // NOLINT(cppcoreguidelines-macro-usage): sd-journal(3)
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

constexpr std::array<std::string_view, 8> kPriorities{"emerg",   "alert",  "crit", "err",
                                                      "warning", "notice", "info", "debug"};
constexpr std::array<std::string_view, 4> kTargets{"auto", "console", "journal", "null"};
constexpr std::size_t kLongestLineBytes = 4000;

template <typename Enum, std::size_t N>
std::optional<Enum> find_word(const std::array<std::string_view, N>& words,
                              std::string_view word) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
        if (words[i] == word) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}

// JOURNAL_STREAM holds device and inode of the journal's end of the stream (systemd.exec(5)): it is
// inherited also by those whose standard error was sent elsewhere meanwhile.
bool is_journal(int fd) noexcept {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat info {};
    if (stream == nullptr || ::fstat(fd, &info) < 0) {
        return false;
    }
    const std::string_view text = stream;
    dev_t device = 0;
    ino_t inode = 0;
    const auto [colon, error] = std::from_chars(text.data(), text.data() + text.size(), device);
    if (error != std::errc() || colon == text.data() + text.size() || *colon != ':') {
        return false;
    }
    const auto [end, second] = std::from_chars(colon + 1, text.data() + text.size(), inode);
    return second == std::errc() && end == text.data() + text.size() && device == info.st_dev &&
           inode == info.st_ino;
}

// The library takes no journal for success.
bool journal_is_there() noexcept {
    return ::access("/run/systemd/journal/socket", W_OK) == 0;
}

void send_to_journal(const std::vector<std::string>& assignments) {
    std::vector<iovec> parts;
    parts.reserve(assignments.size());
    for (const std::string& assignment : assignments) {
        parts.push_back({const_cast<char*>(assignment.data()), assignment.size()});
    }
    static_cast<void>(sd_journal_sendv(parts.data(), static_cast<int>(parts.size())));
}

} // namespace

std::string_view word(Priority priority) noexcept {
    return kPriorities[static_cast<std::size_t>(priority)];
}

std::optional<Priority> find_priority(std::string_view word) noexcept {
    if (word.size() == 1 && word[0] >= '0' && word[0] <= '7') {
        return static_cast<Priority>(word[0] - '0');
    }
    return find_word<Priority>(kPriorities, word);
}

std::string_view word(LogTarget target) noexcept {
    return kTargets[static_cast<std::size_t>(target)];
}

std::optional<LogTarget> find_log_target(std::string_view word) noexcept {
    return find_word<LogTarget>(kTargets, word);
}

Journal::Journal(std::string program)
    : program_(std::move(program)), stderr_is_journal_(is_journal(STDERR_FILENO)) {}

bool Journal::goes_to_journal() const noexcept {
    const bool wanted =
        target_ == LogTarget::Journal || (target_ == LogTarget::Auto && stderr_is_journal_);
    return wanted && journal_is_there();
}

void Journal::write(Priority priority, std::string_view text,
                    const JournalFields& fields) const noexcept {
    if (priority > level_ || target_ == LogTarget::Null) {
        return;
    }
    try {
        // Whatever composed it: one entry is one line, and no terminal obeys it.
        const std::string line = relayed(text, kLongestLineBytes);
        if (!goes_to_journal()) {
            const std::string whole = fmt::format("{}: {}\n", program_, line);
            static_cast<void>(!::write(STDERR_FILENO, whole.data(), whole.size()));
            return;
        }
        std::vector<std::string> entry{
            fmt::format("MESSAGE={}", line),
            fmt::format("PRIORITY={}", static_cast<int>(priority)),
            fmt::format("SYSLOG_IDENTIFIER={}", program_),
        };
        for (const auto& [name, value] : fields) {
            entry.push_back(fmt::format("{}={}", name, value));
        }
        send_to_journal(entry);
    } catch (const std::exception&) {
        return; // out of memory: a line is not worth a failure
    }
}

} // namespace slipway::jobs
