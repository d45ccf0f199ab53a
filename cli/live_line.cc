// Pure text; what draws it is cli/job_view.cc.

#include "cli/live_line.hh"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/text_width.hh"

namespace slipway::cli {
namespace {

constexpr std::uint64_t kTooLongToTell = 100ULL * 3600; // seconds

bool total_is_known(const transfer::Progress& progress) noexcept {
    return progress.total_bytes > 0 && progress.done_bytes <= progress.total_bytes;
}

std::string doing(const LiveState& state) {
    constexpr std::array kWords{
        std::pair{std::string_view("verify"), std::string_view("verifying")},
        std::pair{std::string_view("siblings"), std::string_view("fetching what lies beside it")},
        std::pair{std::string_view("download"), std::string_view("downloading")},
        std::pair{std::string_view("unpack"), std::string_view("unpacking")},
        std::pair{std::string_view("copy"), std::string_view("copying")},
        std::pair{std::string_view("snapshot"), std::string_view("making a snapshot")},
        std::pair{std::string_view("sync"), std::string_view("writing to disk")},
        std::pair{std::string_view("commit"), std::string_view("committing")},
        std::pair{std::string_view("rename"), std::string_view("renaming")},
        std::pair{std::string_view("mark"), std::string_view("marking")},
        std::pair{std::string_view("remove"), std::string_view("removing")},
    };
    for (const auto& [word, text] : kWords) {
        if (word == state.stage) {
            return std::string(text);
        }
    }
    return state.stage.empty() ? "starting" : escaped(state.stage);
}

// What moves: only while bytes do.
void add_progress(std::vector<std::string>& parts, const transfer::Progress& progress) {
    if (progress.done_bytes == 0 && progress.total_bytes == 0) {
        return;
    }
    const std::string share = percent(progress);
    parts.push_back(share.empty() ? "unknown%" : share);
    parts.push_back(total_is_known(progress)
                        ? fmt::format("{} of {}", format_size(progress.done_bytes),
                                      format_size(progress.total_bytes))
                        : format_size(progress.done_bytes));
    if (progress.rate > 0) {
        parts.push_back(format_size(progress.rate) + "/s");
    }
    const std::string left = time_left(progress);
    if (!left.empty()) {
        parts.push_back(left + " left");
    }
}

std::vector<std::string> parts_of(const LiveState& state) {
    if (state.canceling) {
        return {"canceling"};
    }
    std::vector<std::string> parts;
    if (state.stage == state.progress.stage) {
        add_progress(parts, state.progress);
    }
    parts.push_back(doing(state));
    if (!state.hint.empty()) {
        parts.emplace_back(state.hint);
    }
    return parts;
}

} // namespace

std::string percent(const transfer::Progress& progress) {
    if (!total_is_known(progress)) {
        return "";
    }
    const double share =
        static_cast<double>(progress.done_bytes) / static_cast<double>(progress.total_bytes);
    return fmt::format("{}%", static_cast<unsigned>(share * 100.0));
}

std::string time_left(const transfer::Progress& progress) {
    if (!total_is_known(progress) || progress.rate == 0) {
        return "";
    }
    const std::uint64_t bytes = progress.total_bytes - progress.done_bytes;
    const std::uint64_t seconds = bytes / progress.rate;
    return seconds >= kTooLongToTell
               ? ""
               : format_duration(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

std::string live_line(const LiveState& state, std::size_t columns) {
    std::vector<std::string> parts = parts_of(state);
    const std::string name = escaped(state.job.name);
    for (;;) {
        std::string line = fmt::format("{}: {}", name, fmt::join(parts, "  "));
        if (parts.size() == 1 || text_width(line) <= columns) {
            return cut_to_width(line, columns);
        }
        parts.pop_back();
    }
}

} // namespace slipway::cli
