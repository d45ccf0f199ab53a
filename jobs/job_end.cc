// The keeper's own word counts; without one, whether anybody wanted it to stop.

#include "jobs/job_end.hh"

#include "base/error.hh"
#include "base/outcome.hh"
#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

using transfer::Ended;
using transfer::Outcome;

// A job that something kills again and again is not started for ever.
constexpr unsigned kMaxAttempts = 5;

Ended failed(Kind kind, std::string text) {
    Ended end{.outcome = Outcome::Failed, .status = exit_status(kind)};
    end.kind = word(kind);
    end.text = std::move(text);
    return end;
}

Ended canceled(std::string text) {
    Ended end{.outcome = Outcome::Canceled, .status = kExitCanceled};
    end.text = std::move(text);
    return end;
}

constexpr const char* kNothingVisible =
    "; what it had staged is hidden and is swept, images are untouched";

// Without a last word.
std::string death_of(const KeeperEnd& end) {
    std::string text = "slipway-transfer ended without saying why";
    if (!end.broken.empty()) {
        text = end.broken;
    }
    if (end.exit && (end.exit->signaled || end.broken.empty())) {
        text = "slipway-transfer " + end.exit->description();
    }
    if (!end.errors.empty()) {
        text += fmt::format(", and said {}", quoted(end.errors, 400));
    }
    return text + kNothingVisible;
}

} // namespace

std::variant<Ended, TakeUpAgain> judge_end(const StoredJob& job, const KeeperEnd& end,
                                           bool witnessed) {
    if (end.said && end.said->outcome != Outcome::Canceled) {
        return *end.said;
    }
    if (job.cancel_wanted) {
        Ended ended = end.said ? *end.said : canceled("canceled" + std::string(kNothingVisible));
        ended.status = kExitCanceled;
        return ended;
    }
    if (end.said || (!witnessed && end.broken.empty())) {
        return judge_interrupted(job);
    }
    return failed(Kind::Internal, death_of(end));
}

std::variant<Ended, TakeUpAgain> judge_interrupted(const StoredJob& job) {
    if (job.cancel_wanted) {
        return canceled("canceled; nothing was stored");
    }
    if (job.has_input) {
        return failed(Kind::Other,
                      "the job was interrupted, and what it read from cannot be opened again: its "
                      "caller had opened it. Nothing was stored; import it again");
    }
    if (job.record.attempts >= kMaxAttempts) {
        return failed(Kind::Other,
                      fmt::format("the job was interrupted {} times and is not started again; "
                                  "nothing was stored",
                                  job.record.attempts));
    }
    return TakeUpAgain{};
}

Ended canceled_in_queue() {
    return canceled("canceled before it began; nothing was stored");
}

Ended failed_end(const Error& error) {
    return failed(error.kind(), error.what());
}

transfer::JobState state_of(const Ended& end) noexcept {
    switch (end.outcome) {
    case Outcome::Done:
        return transfer::JobState::Done;
    case Outcome::Canceled:
        return transfer::JobState::Canceled;
    case Outcome::Failed:
        break;
    }
    return transfer::JobState::Failed;
}

} // namespace slipway::jobs
