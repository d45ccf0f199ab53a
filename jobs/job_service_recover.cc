// What a start finds: jobs in the queue, and directories of keepers that live, that ended while
// nobody looked, or that died.

#include <utility>

#include "base/error.hh"
#include "jobs/job_service.hh"

namespace slipway::jobs {

void JobService::begin(Queue& queue, std::vector<StoredJob> stored, std::uint32_t next_number) {
    queue_ = &queue;
    next_number_ = next_number;
    std::map<std::string, JobDirectory> directories;
    for (JobDirectory& directory : JobDirectory::find_all(place_.runtime)) {
        directories.emplace(directory.id(), std::move(directory));
    }
    for (const auto& [image_class, pool] : config_.pools) {
        sweeper_.add(pool);
    }
    for (StoredJob& job : stored) {
        recover_job(std::move(job), directories);
    }
    for (auto& [id, directory] : directories) {
        recover_unknown(std::move(directory));
    }
    for (const auto& [number, job] : live_) {
        next_number_ = std::max(next_number_, number + 1);
    }
    schedule();
}

void JobService::recover_job(StoredJob job, std::map<std::string, JobDirectory>& directories) {
    const std::uint32_t number = job.record.number;
    Work work;
    try {
        work.request = transfer::parse_request(job.request);
    } catch (const Error& error) {
        finish_unreadable(std::move(job), error);
        return;
    }
    work.has_input = job.has_input;
    work.cancel_wanted = job.cancel_wanted;
    auto directory = directories.extract(work.request.id);
    live_.emplace(number, std::move(job.record));
    work_.emplace(number, std::move(work));
    for (JobObserver* observer : observers_) {
        observer->queued(live_.at(number));
    }
    if (!directory.empty()) {
        look_after(number, std::move(directory.mapped()));
    } else if (live_.at(number).state == transfer::JobState::Running || job.has_input ||
               job.cancel_wanted) {
        go_on(number, judge_interrupted(this->stored(number)));
    }
}

// Of another version, perhaps.
void JobService::finish_unreadable(StoredJob job, const Error& error) {
    live_.emplace(job.record.number, std::move(job.record));
    work_.emplace(job.record.number, Work{});
    finish(job.record.number, failed_end(error));
}

// It lives and goes on, or it has ended while nobody looked.
void JobService::look_after(std::uint32_t number, JobDirectory directory) {
    transfer::JobRecord& job = live_.at(number);
    job.state = transfer::JobState::Running;
    if (const std::optional<StoredJob> started = directory.job()) {
        job.started_ms = started->record.started_ms; // the queue may not have come to know of it
        job.attempts = started->record.attempts;
    }
    const Keeper::OnEvent note = [this, number](const auto& event) { take(number, event, false); };
    const Fd events = directory.open_events();
    if (events && JobDirectory::is_locked(events.get())) {
        work_.at(number).keeper = std::make_unique<Keeper>(
            loop_, std::move(directory), note,
            [this, number](const auto& event) { take(number, event, true); },
            [this, number](const KeeperEnd& end) { keeper_ended(number, end); });
        if (work_.at(number).cancel_wanted) {
            work_.at(number).keeper->cancel();
        }
        return;
    }
    go_on(number, judge_end(stored(number), read_last_words(directory, note), false));
}

// Of a job that the queue does not hold as a live one: it has ended, and only its directory was not
// removed yet; or the queue was lost, which then never gave its number.
void JobService::recover_unknown(JobDirectory directory) {
    std::optional<StoredJob> job = directory.job();
    if (!job || job->record.number < next_number_) {
        JobDirectory::remove(place_.runtime, directory.id());
        return;
    }
    queue_->put(*job, {}); // before what is found of it, which may be its end
    std::map<std::string, JobDirectory> its;
    its.emplace(directory.id(), std::move(directory));
    recover_job(std::move(*job), its);
}

} // namespace slipway::jobs
