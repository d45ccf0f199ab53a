// Exit statuses are those of base/outcome.def, which the keeper has already chosen.

#include "cli/job_status.hh"

#include <string_view>

#include <fmt/format.h>

#include "base/outcome.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

// The last line a program said, as something to put behind a colon.
std::string last_words(std::string_view text) {
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const std::string_view line = text.substr(text.rfind('\n') + 1);
    return line.empty() ? "" : ": " + relayed(line);
}

std::string what_is_left(const JobEnd& end) {
    if (transfer::is_export(end.verb)) {
        return fmt::format(
            "Image {} is as it was, and what was written is not whole. Export it again",
            quoted(end.name));
    }
    if (transfer::is_about_stored(end.verb)) {
        return fmt::format("What {} is now, list-images shows; what is half done is completed or "
                           "taken back by the next job in that pool",
                           quoted(end.name));
    }
    return fmt::format("Whether {} is stored, list-images shows; what is half made stays hidden "
                       "until the next transfer removes it",
                       quoted(end.name));
}

JobStatus without_end(const JobEnd& end) {
    const std::string next = what_is_left(end);
    if (!end.broken.empty()) {
        return {exit_status(Kind::Internal), fmt::format("{}. {}", end.broken, next)};
    }
    return {exit_status(Kind::Internal),
            fmt::format("slipway-transfer {} without saying how the job ended{}. {}",
                        end.keeper.description(), last_words(end.keeper_stderr), next)};
}

} // namespace

JobStatus job_status(const JobEnd& end) {
    if (!end.ended) {
        return without_end(end);
    }
    const std::string said = relayed(end.ended->text);
    switch (end.ended->outcome) {
    case transfer::Outcome::Done:
        return {};
    case transfer::Outcome::Canceled:
        return {end.signal == 0 ? kExitCanceled : 128 + end.signal,
                said.empty() ? "canceled" : said};
    case transfer::Outcome::Failed:
        break;
    }
    return {end.ended->status == 0 ? exit_status(Kind::Other) : end.ended->status,
            said.empty()
                ? fmt::format("slipway-transfer gave no reason why {} failed", quoted(end.name))
                : said};
}

} // namespace slipway::cli
