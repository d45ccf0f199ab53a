// What was missed is told as the events that it was, without those that are known already.

#include "cli/job_watch.hh"

#include <utility>
#include <variant>

namespace slipway::cli {

void JobWatch::hear(const JobEvent& event, TimePoint now) {
    if (ended()) {
        return; // both the event and the history told it
    }
    if (const auto* one = std::get_if<transfer::Event>(&event)) {
        take(*one, now);
    } else if (const auto* enqueued = std::get_if<Enqueued>(&event)) {
        promise(*enqueued, now);
    } else if (const auto* interrupted = std::get_if<Interrupted>(&event)) {
        started_ = false;
        stage_.clear();
        view_.show(*interrupted, now);
    }
}

// A daemon that was started again says so of every job that it finds.
void JobWatch::promise(const Enqueued& enqueued, TimePoint now) {
    end_.name = image_of(enqueued.job);
    if (std::exchange(promised_, true)) {
        found(enqueued.job, now);
    } else {
        view_.show(enqueued, now);
    }
}

void JobWatch::take(transfer::Event event, TimePoint now) {
    if (auto* start = std::get_if<transfer::Started>(&event)) {
        started_ = true;
        start->source = source_.empty() ? start->source : source_;
        end_.name = start->name;
    } else if (const auto* entered = std::get_if<transfer::StageEntered>(&event)) {
        stage_ = entered->stage;
    } else if (std::holds_alternative<transfer::VerdictReached>(event)) {
        judged_ = true;
    } else if (const auto* ended = std::get_if<transfer::Ended>(&event)) {
        end_.ended = *ended;
    }
    view_.show(event, now);
}

void JobWatch::found(const transfer::JobRecord& job, TimePoint now) {
    if (ended()) {
        return;
    }
    if (!started_ && job.state != transfer::JobState::Queued && job.attempts > 0) {
        take(transfer::Started{"", job.verb, image_of(job), job.source}, now);
    }
    if (job.verdict && !judged_) {
        take(*job.verdict, now);
    }
    if (!job.stage.empty() && job.stage != stage_) {
        take(transfer::StageEntered{job.stage}, now);
    }
    if (job.end) {
        take(*job.end, now);
    }
}

} // namespace slipway::cli
