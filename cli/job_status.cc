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

JobStatus without_end(const JobEnd& end) {
    const std::string next =
        fmt::format("Whether {} is stored, list-images shows; what is half made stays hidden until "
                    "the next transfer removes it",
                    quoted(end.name));
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
