// How jobs run: a keeper each, as many as there is room for, and what its end means.

#include <chrono>
#include <utility>

#include "base/error.hh"
#include "base/log.hh"
#include "base/url.hh"
#include "jobs/job_service.hh"

namespace slipway::jobs {
namespace {

using transfer::JobState;

// How long after a failed attempt an end is written again.
constexpr std::chrono::seconds kRecordAgain{5};

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace

std::vector<Contender> JobService::contenders() const {
    std::vector<Contender> all;
    for (const auto& [number, job] : live_) {
        const Work& work = work_.at(number);
        all.push_back({number, job.uid,
                       work.request.url.empty() ? "" : Url::parse(work.request.url).host(),
                       job.state == JobState::Running || work.cancel_wanted || work.ending,
                       lane_of(work.request.verb)});
    }
    return all;
}

void JobService::schedule() {
    const Bounds bounds{config_.running, config_.running_per_host};
    while (const auto number = pick_next(contenders(), bounds)) {
        start(*number);
    }
}

void JobService::start(std::uint32_t number) {
    transfer::JobRecord& job = live_.at(number);
    job.state = JobState::Running;
    job.started_ms = now_ms();
    ++job.attempts;
    try {
        start_keeper(number);
        // Nobody waits for this: a daemon that comes after us sees the keeper itself.
        queue_->put(stored(number), {});
    } catch (const Error& error) {
        finish(number, failed_end(error));
    }
}

void JobService::start_keeper(std::uint32_t number) {
    Work& work = work_.at(number);
    work.request.state = place_.state;
    if (transfer::is_pull(work.request.verb)) {
        work.request.cache = place_.cache;
        work.request.cache_size_bytes = config_.kept_size_bytes;
        work.request.cache_age_s = static_cast<std::uint64_t>(config_.kept_age.count());
    }
    KeeperStart start{.request = transfer::to_json(work.request),
                      .input = work.input.get(),
                      .environment = place_.environment};
    start.environment.insert(start.environment.end(), config_.proxies.begin(),
                             config_.proxies.end());
    work.keeper = std::make_unique<Keeper>(
        loop_, JobDirectory::make(place_.runtime, work.request.id, stored(number)), start,
        [this, number](const transfer::Event& event) { take(number, event, true); },
        [this, number](const KeeperEnd& end) { keeper_ended(number, end); });
    work.input.reset();
}

void JobService::take(std::uint32_t number, const transfer::Event& event, bool tell) {
    transfer::JobRecord& job = live_.at(number);
    if (const auto* stage = std::get_if<transfer::StageEntered>(&event)) {
        job.stage = stage->stage;
    } else if (const auto* progress = std::get_if<transfer::Progress>(&event)) {
        job.stage = progress->stage;
        job.progress = *progress;
    } else if (const auto* verdict = std::get_if<transfer::VerdictReached>(&event)) {
        job.verdict = *verdict;
    }
    if (!tell) {
        return;
    }
    const std::string line = transfer::to_json(event);
    for (JobObserver* observer : observers_) {
        observer->event(job, event, line);
    }
}

void JobService::keeper_ended(std::uint32_t number, const KeeperEnd& end) {
    Work& work = work_.at(number);
    work.keeper.reset();
    if (!end.said) {
        sweeper_.add(work.request.pool);
    }
    go_on(number, judge_end(stored(number), end, true));
}

void JobService::go_on(std::uint32_t number, std::variant<transfer::Ended, TakeUpAgain> next) {
    if (const auto* end = std::get_if<transfer::Ended>(&next)) {
        finish(number, *end);
    } else {
        queue_again(number);
    }
}

void JobService::queue_again(std::uint32_t number) {
    transfer::JobRecord& job = live_.at(number);
    job.state = JobState::Queued;
    job.stage.clear();
    job.progress.reset();
    // Another place in the pool: what the last attempt left is swept meanwhile.
    transfer::Request& request = work_.at(number).request;
    JobDirectory::remove(place_.runtime, request.id);
    request.job = job_id(request);
    request.id = transfer::make_id();
    take(number,
         transfer::LogLine{transfer::LogLevel::Notice, "the job was interrupted and begins again"},
         true);
    queue_->put(stored(number), {});
    schedule();
}

void JobService::finish(std::uint32_t number, const transfer::Ended& end) {
    transfer::JobRecord& job = live_.at(number);
    Work& work = work_.at(number);
    work.ending = true;
    work.input.reset();
    StoredJob ended = stored(number);
    ended.record.state = state_of(end);
    ended.record.ended_ms = now_ms();
    ended.record.end = end;
    ended.record.stage.clear();
    ended.record.progress.reset();
    job.progress.reset();
    const auto write = [ended, keep = config_.history](QueueFile& file) {
        file.put(ended);
        file.trim(keep);
    };
    queue_->change(write, [this, ended](const std::exception_ptr& error) {
        if (error) {
            unrecorded_.emplace(ended.record.number, ended);
            record_again_ = loop_.after(kRecordAgain, [this] { record_again(); });
        } else {
            JobDirectory::remove(place_.runtime, work_.at(ended.record.number).request.id);
        }
        announce_end(ended.record);
    });
}

void JobService::announce_end(const transfer::JobRecord& job) {
    inspector_.forget();
    live_.erase(job.number);
    work_.erase(job.number);
    const std::string line = transfer::to_json(*job.end);
    for (JobObserver* observer : observers_) {
        observer->event(job, *job.end, line);
        observer->ended(job);
    }
    schedule();
}

// The disk was full, or worse. The job's directory stays until its end is written, so that a daemon
// that comes after us finds it there.
void JobService::record_again() {
    for (auto& [number, job] : unrecorded_) {
        queue_->put(job, [this, number = number](const std::exception_ptr& error) {
            const auto found = unrecorded_.find(number);
            if (found == unrecorded_.end()) {
                return;
            }
            if (error) {
                record_again_ = loop_.after(kRecordAgain, [this] { record_again(); });
                return;
            }
            JobDirectory::remove(place_.runtime, transfer::parse_request(found->second.request).id);
            unrecorded_.erase(found);
        });
    }
}

} // namespace slipway::jobs
