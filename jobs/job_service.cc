// What callers ask of jobs: submit, cancel, history. How they run is in job_service_run.cc, what a
// start finds in job_service_recover.cc, what is asked of images in job_service_images.cc.

#include "jobs/job_service.hh"

#include <utility>

#include "base/error.hh"

namespace slipway::jobs {
namespace {

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Refusal refusal_of_current() {
    const std::exception_ptr error = std::current_exception();
    try {
        std::rethrow_exception(error);
    } catch (const Taken& taken) {
        return {error, taken.holder()};
    } catch (...) {
        return {error};
    }
}

} // namespace

JobService::JobService(EventLoop& loop, Place place, Config config)
    : loop_(loop), place_(std::move(place)), config_(std::move(config)),
      sweeper_(loop, place_.environment), inspector_(loop, place_.environment) {}

JobService::~JobService() {
    *alive_ = false;
}

void JobService::set_config(Config config) {
    config_ = std::move(config);
    schedule();
}

bool JobService::is_idle() const noexcept {
    return live_.empty() && promised_.empty() && unrecorded_.empty() && inspector_.is_idle();
}

void JobService::submit(Submission submission, Answer answer, Refused refused) {
    try {
        if (queue_ == nullptr) {
            std::rethrow_exception(queue_problem_);
        }
        Admitted admitted = admit(submission, config_);
        check_room(admitted, submission, holdings(), config_);
        const std::uint32_t number = next_number_++;
        admitted.record.number = number;
        admitted.record.queued_ms = now_ms();
        Work work{.request = std::move(admitted.request)};
        work.has_input = static_cast<bool>(submission.input);
        work.input = std::move(submission.input);
        promised_.emplace(number, Promise{std::move(admitted.record), std::move(work)});
        queue_->put(stored(number), [this, number, answer = std::move(answer),
                                     refused](const std::exception_ptr& error) {
            keep_promise(number, error, answer, refused);
        });
    } catch (const std::exception&) {
        refused(refusal_of_current());
    }
}

// It is on disk, or cannot be.
void JobService::keep_promise(std::uint32_t number, const std::exception_ptr& error,
                              const Answer& answer, const Refused& refused) {
    auto promise = promised_.extract(number);
    if (error) {
        refused({error});
        return;
    }
    live_.emplace(number, std::move(promise.mapped().record));
    work_.emplace(number, std::move(promise.mapped().work));
    for (JobObserver* observer : observers_) {
        observer->queued(live_.at(number));
    }
    answer(number);
    schedule();
}

void JobService::cancel(std::uint32_t number, std::function<void()> done, Refused refused) {
    const auto work = work_.find(number);
    if (work == work_.end()) {
        refused({std::make_exception_ptr(
            Error(Kind::NotFound, "no transfer of the number {} is queued or runs", number))});
        return;
    }
    if (work->second.ending) {
        done(); // too late: it ends as it does
        return;
    }
    work->second.cancel_wanted = true; // and it is not started any more
    // A wish that cannot be written is carried out all the same: it is only not remembered.
    queue_->put(stored(number), [this, number, done = std::move(done)](const auto& /*error*/) {
        done();
        carry_out_cancel(number);
    });
}

void JobService::carry_out_cancel(std::uint32_t number) {
    const auto work = work_.find(number);
    if (work == work_.end() || work->second.ending) {
        return;
    }
    if (work->second.keeper) {
        work->second.keeper->cancel();
    } else {
        finish(number, canceled_in_queue(stored(number)));
    }
}

void JobService::history(const HistoryQuery& query,
                         std::function<void(std::vector<transfer::JobRecord>)> answer,
                         Refused refused) {
    if (queue_ == nullptr) {
        refused({queue_problem_});
        return;
    }
    const auto found = std::make_shared<std::vector<transfer::JobRecord>>();
    queue_->change([query, found](QueueFile& file) { *found = file.history(query); },
                   [found, answer = std::move(answer), refused](const std::exception_ptr& error) {
                       if (error) {
                           refused({error});
                       } else {
                           answer(std::move(*found));
                       }
                   });
}

std::vector<Holding> JobService::holdings() const {
    std::vector<Holding> all;
    const auto add = [&all](const transfer::JobRecord& job, const Work& work) {
        all.push_back({job.number, job.uid, work.request.pool.string(), held_by(work.request),
                       job.verb, work.request.url});
    };
    for (const auto& [number, promise] : promised_) {
        add(promise.record, promise.work);
    }
    for (const auto& [number, job] : live_) {
        add(job, work_.at(number));
    }
    return all;
}

StoredJob JobService::stored(std::uint32_t number) const {
    const auto promise = promised_.find(number);
    const bool is_promise = promise != promised_.end();
    const transfer::JobRecord& record = is_promise ? promise->second.record : live_.at(number);
    const Work& work = is_promise ? promise->second.work : work_.at(number);
    return {record, transfer::to_json(work.request), work.has_input, work.cancel_wanted};
}

} // namespace slipway::jobs
