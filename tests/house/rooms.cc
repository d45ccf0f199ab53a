// Reads #include lines as the compiler does, less macros: the tree has none in includes.

#include "tests/house/rooms.hh"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>

namespace slipway::tests {
namespace {

struct Include {
    bool quotes = false;
    std::string path;
};

std::optional<Include> read_include(std::string_view line) {
    const auto skip_blanks = [&line] {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    };
    skip_blanks();
    if (!line.starts_with('#')) {
        return std::nullopt;
    }
    line.remove_prefix(1);
    skip_blanks();
    if (!line.starts_with("include")) {
        return std::nullopt;
    }
    line.remove_prefix(std::string_view("include").size());
    skip_blanks();
    if (!line.starts_with('"') && !line.starts_with('<')) {
        return std::nullopt;
    }
    const bool quotes = line.front() == '"';
    const std::size_t end = line.find(quotes ? '"' : '>', 1);
    return Include{quotes, std::string(line.substr(1, end == line.npos ? end : end - 1))};
}

std::string_view first_folder(std::string_view path) {
    const std::size_t slash = path.find('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::optional<std::size_t> find_floor(std::string_view room) {
    for (std::size_t floor = 0; floor < kFloors.size(); ++floor) {
        if (std::find(kFloors[floor].begin(), kFloors[floor].end(), room) != kFloors[floor].end()) {
            return floor;
        }
    }
    return std::nullopt;
}

bool is_yard(std::string_view folder) {
    return std::find(kYards.begin(), kYards.end(), folder) != kYards.end();
}

// Empty when nothing is wrong.
std::string judge(std::string_view from, const Include& include) {
    const std::string_view to = first_folder(include.path);
    const auto floor = find_floor(to);
    if (!include.quotes) {
        return floor ? "ours is included with quotes" : "";
    }
    if (to.empty()) {
        return "no room in front";
    }
    if (include.path.find("./") != std::string::npos) {
        return "a path that does not start at the top of the tree";
    }
    if (is_yard(from) && (floor || is_yard(to))) {
        return "";
    }
    if (!floor) {
        return is_yard(to) ? "leads out of the house" : "there is no such room";
    }
    const std::size_t own = find_floor(from).value_or(0);
    if (from == to || *floor < own) {
        return "";
    }
    return *floor == own ? "leads sideways" : "leads upward";
}

} // namespace

std::vector<std::string> wrong_includes(std::string_view path, std::string_view text) {
    const std::string_view from = first_folder(path);
    if (!find_floor(from) && !is_yard(from)) {
        return {fmt::format("'{}' is no room of the house", from)};
    }
    std::vector<std::string> wrong;
    std::istringstream lines{std::string(text)};
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto include = read_include(line);
        const std::string reason = include ? judge(from, *include) : "";
        if (!reason.empty()) {
            wrong.push_back(fmt::format("line {}: {}: {}", number, include->path, reason));
        }
    }
    return wrong;
}

} // namespace slipway::tests
