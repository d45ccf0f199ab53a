// Plans as text, one "key value" a line, closed by "end": a plan that was cut short has none and
// nothing was changed after it.

#include "storage/plan.hh"

#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kFirstLine = "slipway-plan 1";
constexpr std::uint64_t kMaxPlanBytes = 64 * 1024;

void add_files(std::string& text, std::string_view key, const std::vector<NamedFile>& files) {
    for (const NamedFile& file : files) {
        text += fmt::format("{} {} {}\n", key, file.identity, file.name);
    }
}

/// What follows a key: "IDENTITY NAME". A name may hold blanks, an identity none.
std::optional<NamedFile> file_in(std::string_view line, std::string_view key) {
    const std::size_t start = key.size() + 1;
    if (!line.starts_with(key) || line.size() < start || line[key.size()] != ' ') {
        return std::nullopt;
    }
    const std::size_t blank = line.find(' ', start);
    if (blank == std::string_view::npos || blank == start || blank + 1 == line.size()) {
        return std::nullopt;
    }
    return NamedFile{std::string(line.substr(blank + 1)),
                     std::string(line.substr(start, blank - start))};
}

std::optional<NamedFile> entry_in(std::string_view line, std::string_view key) {
    std::optional<NamedFile> file = file_in(line, key);
    return file && file->name.find('/') == std::string::npos ? file : std::nullopt;
}

bool is_sibling_line(std::string_view line, std::string_view key, std::vector<NamedFile>& files) {
    std::optional<NamedFile> file = entry_in(line, key);
    if (!file || sibling_suffix(file->name).empty()) {
        return false;
    }
    files.push_back(std::move(*file));
    return true;
}

bool is_absolute(std::string_view path) {
    return path.starts_with('/');
}

/// "appears IDENTITY NAME.SUFFIX", or the whole path of settings elsewhere.
bool is_appearing_line(const std::string& line, Plan& plan) {
    std::optional<NamedFile> file = file_in(line, "appears");
    if (!file || sibling_suffix(file->name).empty() ||
        (file->name.find('/') != std::string::npos && !is_absolute(file->name))) {
        return false;
    }
    plan.appear.push_back(std::move(*file));
    return true;
}

/// "moves IDENTITY FROM/TO", in a directory elsewhere "moves IDENTITY DIRECTORY/FROM/TO": no name
/// holds a slash.
bool is_moving_line(const std::string& line, Plan& plan) {
    const std::optional<NamedFile> file = file_in(line, "moves");
    const std::size_t last = file ? file->name.rfind('/') : std::string::npos;
    if (last == std::string::npos) {
        return false;
    }
    const std::string rest = file->name.substr(0, last);
    const std::size_t middle = rest.rfind('/');
    MovedFile moved{.directory = middle == rest.npos ? "" : rest.substr(0, middle),
                    .from = middle == rest.npos ? rest : rest.substr(middle + 1),
                    .to = file->name.substr(last + 1),
                    .identity = file->identity};
    const std::string_view suffix = sibling_suffix(moved.from);
    if (suffix.empty() || suffix != sibling_suffix(moved.to) ||
        (middle != rest.npos && !is_absolute(moved.directory))) {
        return false;
    }
    plan.move.push_back(std::move(moved));
    return true;
}

/// "becomes NAME"
bool is_becoming_line(const std::string& line, Plan& plan) {
    constexpr std::string_view key = "becomes ";
    if (!line.starts_with(key) || line.size() == key.size() ||
        line.find('/') != std::string::npos) {
        return false;
    }
    plan.becomes = line.substr(key.size());
    return true;
}

/// Adds what a line says; false for one that says nothing that we know.
bool take_line(const std::string& line, Plan& plan) {
    if (line == "read-only") {
        plan.read_only = true;
    } else if (line == "old-immutable") {
        plan.old_immutable = true;
    } else if (auto fresh = entry_in(line, "fresh")) {
        plan.name = std::move(fresh->name);
        plan.fresh = std::move(fresh->identity);
    } else if (auto old = entry_in(line, "old")) {
        plan.old_name = std::move(old->name);
        plan.old = std::move(old->identity);
    } else if (auto settings = file_in(line, "settings")) {
        plan.settings.push_back(std::move(*settings));
    } else {
        return is_becoming_line(line, plan) || is_appearing_line(line, plan) ||
               is_moving_line(line, plan) || is_sibling_line(line, "goes", plan.go);
    }
    return true;
}

} // namespace

std::string to_text(const Plan& plan) {
    std::string text = fmt::format("{}\n", kFirstLine);
    if (!plan.name.empty()) {
        text += fmt::format("fresh {} {}\n", plan.fresh, plan.name);
    }
    if (plan.read_only) {
        text += "read-only\n";
    }
    if (!plan.old_name.empty()) {
        text += fmt::format("old {} {}\n", plan.old, plan.old_name);
    }
    if (plan.old_immutable) {
        text += "old-immutable\n";
    }
    if (!plan.becomes.empty()) {
        text += fmt::format("becomes {}\n", plan.becomes);
    }
    add_files(text, "appears", plan.appear);
    add_files(text, "goes", plan.go);
    add_files(text, "settings", plan.settings);
    for (const MovedFile& file : plan.move) {
        text += fmt::format("moves {} {}{}{}/{}\n", file.identity, file.directory,
                            file.directory.empty() ? "" : "/", file.from, file.to);
    }
    return text + "end\n";
}

std::optional<Plan> parse_plan(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != kFirstLine) {
        return std::nullopt;
    }
    Plan plan;
    while (std::getline(lines, line)) {
        if (line == "end") {
            return plan;
        }
        if (!take_line(line, plan)) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

void write_plan(int pool, const HiddenNames& names, const Plan& plan) {
    Fd file(::openat(pool, names.plan.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0600));
    const std::string text = to_text(plan);
    if (!file ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw errno_error("cannot write the plan {}", quoted(names.plan));
    }
    if (::fsync(file.get()) < 0) {
        throw errno_error("cannot sync the plan {}", quoted(names.plan));
    }
    file.close();
    volume::sync_directory(pool, "of the pool");
}

std::optional<Plan> find_plan(int pool, const HiddenNames& names) {
    const Fd file(
        ::openat(pool, names.plan.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw errno_error("cannot open the plan {}", quoted(names.plan));
    }
    return parse_plan(read_all(file.get(), kMaxPlanBytes));
}

} // namespace slipway::storage
