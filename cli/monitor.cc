// What was missed while the daemon was away is found by comparing what it lists with what we know.

#include "cli/monitor.hh"

#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "base/log.hh"

namespace slipway::cli {
namespace {

Daemon::Failed ignore() {
    // The daemon is going, and will be asked again when it is back.
    return [](const Error& error) { debug("no answer: {}", error.what()); };
}

} // namespace

Monitor::Monitor(Daemon& daemon, MonitorView& view) : daemon_(daemon), view_(view) {
    daemon_.listen({[this](std::uint32_t job, const std::string& event) { hear(job, event); },
                    [this](bool there) { presence(there); }});
    ask();
}

void Monitor::ask() {
    daemon_.ask_jobs([this](const Daemon::Jobs& jobs) { compare(jobs); }, ignore());
}

void Monitor::hear(std::uint32_t number, const std::string& json) {
    const auto event = parse_job_event(json);
    const bool is_known = jobs_.contains(number);
    transfer::JobRecord& job = jobs_[number];
    job.number = number;
    if (!event) {
        return;
    }
    apply(*event, job);
    if (!std::holds_alternative<Enqueued>(*event)) {
        view_.show(job, *event, jobs_);
    } else if (is_known) {
        view_.changed(jobs_); // a daemon that was started again tells of every job
    } else if (job.state == transfer::JobState::Queued) {
        view_.show(job, *event, jobs_);
    } else {
        view_.present(job, jobs_);
    }
    if (transfer::has_ended(job.state)) {
        jobs_.erase(number);
        view_.changed(jobs_);
    }
}

void Monitor::presence(bool there) {
    if (there) {
        ask();
    } else {
        view_.away(jobs_);
    }
}

void Monitor::compare(const Daemon::Jobs& jobs) {
    std::set<std::uint32_t> listed;
    for (const transfer::JobRecord& job : jobs) {
        listed.insert(job.number);
        const auto known = jobs_.find(job.number);
        const bool is_new = known == jobs_.end() || known->second.verb.empty();
        jobs_[job.number] = job;
        if (is_new) {
            view_.present(job, jobs_);
        }
    }
    for (const auto& [number, job] : jobs_) {
        if (!listed.contains(number)) {
            ask_end(number);
        }
    }
    view_.changed(jobs_);
}

void Monitor::ask_end(std::uint32_t number) {
    daemon_.ask_history(
        {1, number},
        [this, number](const Daemon::Jobs& ended) {
            if (!jobs_.contains(number)) {
                return; // its end was heard meanwhile
            }
            if (!ended.empty() && ended.front().end) {
                const transfer::Event end = *ended.front().end;
                view_.show(ended.front(), end, jobs_);
            }
            jobs_.erase(number);
            view_.changed(jobs_);
        },
        ignore());
}

} // namespace slipway::cli
