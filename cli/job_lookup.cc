// First among the jobs that live, then among those that have ended: a job is always in one of the
// two, and what ends between the questions is in the second.

#include "cli/job_lookup.hh"

#include <algorithm>

#include <fmt/format.h>

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{30};

} // namespace

JobLookup::JobLookup(Daemon& daemon, std::uint32_t number)
    : daemon_(daemon), number_(number), give_up_(std::chrono::steady_clock::now() + kPatience) {}

void JobLookup::ask() {
    const std::weak_ptr<State> weak = state_;
    daemon_.ask_jobs(
        [&daemon = daemon_, number = number_, weak](const Daemon::Jobs& jobs) {
            const auto state = weak.lock();
            if (!state) {
                return;
            }
            const auto found = std::find_if(jobs.begin(), jobs.end(), [number](const auto& job) {
                return job.number == number;
            });
            if (found != jobs.end()) {
                state->job = *found;
            } else {
                ask_history(daemon, number, weak);
            }
        },
        [weak](const Error& error) {
            if (const auto state = weak.lock()) {
                state->problem = error.what();
            }
        });
}

void JobLookup::ask_history(Daemon& daemon, std::uint32_t number,
                            const std::weak_ptr<State>& weak) {
    daemon.ask_history(
        {1, number},
        [weak](const Daemon::Jobs& jobs) {
            const auto state = weak.lock();
            if (state && jobs.empty()) {
                state->unknown = true;
            } else if (state) {
                state->job = jobs.front();
            }
        },
        [weak](const Error& error) {
            if (const auto state = weak.lock()) {
                state->problem = error.what();
            }
        });
}

bool JobLookup::failed() const {
    return state_->unknown || std::chrono::steady_clock::now() >= give_up_;
}

std::string JobLookup::problem() const {
    if (state_->unknown) {
        return "slipway-importd does not know it any more";
    }
    return fmt::format("slipway-importd has not answered for {} s{}{}", kPatience.count(),
                       state_->problem.empty() ? "" : ": ", state_->problem);
}

} // namespace slipway::cli
