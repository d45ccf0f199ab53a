// "slipway-usage 1", a line "BYTES SECONDS STATE PATH" for each tree, "end". The oldest go first
// when there are too many.

#include "storage/usage_cache.hh"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kHead = "slipway-usage 1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kMostEntries = 50'000;
constexpr std::uint64_t kLargestFileBytes = 32 * MiB;

std::string_view take_word(std::string_view& line, char separator) {
    const std::size_t end = std::min(line.find(separator), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && last == end ? std::optional(value) : std::nullopt;
}

} // namespace

UsageCache::UsageCache(std::filesystem::path file) : file_(std::move(file)) {
    try {
        load();
    } catch (const Error& error) {
        entries_.clear();
        debug("the usage of images is not known from before: {}", error.what());
    }
}

void UsageCache::load() {
    const Fd fd(file_.empty() ? -1 : ::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        return;
    }
    content_ = read_all(fd.get(), kLargestFileBytes);
    entries_.reserve(static_cast<std::size_t>(std::count(content_.begin(), content_.end(), '\n')));
    std::string_view rest = content_;
    const auto damaged = [this] {
        return Error(Kind::Corrupt, "{} is damaged", quoted(file_.string()));
    };
    if (take_word(rest, '\n') != kHead) {
        throw damaged();
    }
    for (;;) {
        std::string_view line = take_word(rest, '\n');
        if (line == kEnd) {
            return;
        }
        const auto bytes = number<std::uint64_t>(take_word(line, ' '));
        const auto seconds = number<std::int64_t>(take_word(line, ' '));
        const std::string_view state = take_word(line, ' ');
        if (!bytes || !seconds || state.empty() || line.empty()) {
            throw damaged();
        }
        entries_[line] = {state, *bytes, std::chrono::sys_seconds(std::chrono::seconds(*seconds))};
    }
}

const CachedUsage* UsageCache::find(const std::string& path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? nullptr : &found->second;
}

void UsageCache::put(const std::string& path, CachedUsage usage) {
    if (path.find('\n') == std::string::npos) {
        usage.state = added_.emplace_back(usage.state);
        entries_[added_.emplace_back(path)] = usage;
        changed_ = true;
    }
}

std::string UsageCache::text() const {
    std::vector<const std::pair<const std::string_view, CachedUsage>*> kept;
    for (const auto& entry : entries_) {
        kept.push_back(&entry);
    }
    std::sort(kept.begin(), kept.end(), [](const auto* a, const auto* b) {
        return std::pair(b->second.as_of, &a->first) < std::pair(a->second.as_of, &b->first);
    });
    kept.resize(std::min(kept.size(), kMostEntries));
    std::string out(kHead);
    for (const auto* entry : kept) {
        const auto& [path, usage] = *entry;
        out += fmt::format("\n{} {} {} {}", usage.size_bytes,
                           usage.as_of.time_since_epoch().count(), usage.state, path);
    }
    return out + "\n" + std::string(kEnd) + "\n";
}

void UsageCache::save() noexcept {
    if (file_.empty() || !changed_) {
        return;
    }
    try {
        const std::filesystem::path directory = file_.parent_path();
        std::error_code ignored;
        std::filesystem::create_directories(directory.parent_path(), ignored);
        ::mkdir(directory.c_str(), 0700);
        const std::string hidden = (directory / fmt::format(".usage-{}", ::getpid())).string();
        Fd fd(::open(hidden.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) {
            throw errno_error("cannot write {}", quoted(hidden));
        }
        try {
            write_all(fd.get(), text());
            fd.close();
            if (::rename(hidden.c_str(), file_.c_str()) < 0) {
                throw errno_error("cannot write {}", quoted(file_.string()));
            }
        } catch (...) {
            ::unlink(hidden.c_str());
            throw;
        }
        changed_ = false;
    } catch (const std::exception& error) {
        debug("the usage of images is not kept: {}", error.what());
    }
}

} // namespace slipway::storage
