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

bool begins(const StoredJob& job, std::string_view word) {
    return job.record.verb.starts_with(word);
}

// Of a job that was stopped in the middle of its work.
std::string what_is_left(const StoredJob& job) {
    if (begins(job, "export-")) {
        return "; what it had written is not whole, images are untouched";
    }
    if (begins(job, "rename") || begins(job, "remove") || begins(job, "clean")) {
        return "; the next job in the pool brings to its end what it had begun";
    }
    if (begins(job, "read-only") || begins(job, "set-limit")) {
        return "; the image is as it was, or as it was to be";
    }
    return "; what it had staged is hidden and is swept, images are untouched";
}

// Of a job that had not begun, or can be seen as such.
std::string_view nothing_done(const StoredJob& job) {
    if (begins(job, "export-")) {
        return "nothing was written";
    }
    return begins(job, "pull-") || begins(job, "import-") || begins(job, "clone")
               ? "nothing was stored"
               : "nothing was changed";
}

// Without a last word.
std::string death_of(const StoredJob& job, const KeeperEnd& end) {
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
    return text + what_is_left(job);
}

} // namespace

std::variant<Ended, TakeUpAgain> judge_end(const StoredJob& job, const KeeperEnd& end,
                                           bool witnessed) {
    if (end.said && end.said->outcome != Outcome::Canceled) {
        return *end.said;
    }
    if (job.cancel_wanted) {
        Ended ended = end.said ? *end.said : canceled("canceled" + what_is_left(job));
        ended.status = kExitCanceled;
        return ended;
    }
    if (end.said || (!witnessed && end.broken.empty())) {
        return judge_interrupted(job);
    }
    return failed(Kind::Internal, death_of(job, end));
}

std::variant<Ended, TakeUpAgain> judge_interrupted(const StoredJob& job) {
    if (job.cancel_wanted) {
        return canceled(fmt::format("canceled; {}", nothing_done(job)));
    }
    if (job.has_input && begins(job, "export-")) {
        return failed(Kind::Other,
                      "the job was interrupted, and what it wrote to cannot be opened again: its "
                      "caller had opened it. What was written is not whole; export it again");
    }
    if (job.has_input) {
        return failed(Kind::Other,
                      "the job was interrupted, and what it read from cannot be opened again: its "
                      "caller had opened it. Nothing was stored; import it again");
    }
    if (job.record.attempts >= kMaxAttempts) {
        return failed(Kind::Other,
                      fmt::format("the job was interrupted {} times and is not started again; {}",
                                  job.record.attempts, nothing_done(job)));
    }
    return TakeUpAgain{};
}

Ended canceled_in_queue(const StoredJob& job) {
    return canceled(fmt::format("canceled before it began; {}", nothing_done(job)));
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
