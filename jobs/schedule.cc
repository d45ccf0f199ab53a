// One pass to count, one to choose.

#include "jobs/schedule.hh"

#include <map>

namespace slipway::jobs {

namespace {

struct Load {
    unsigned running = 0;
    std::map<std::uint32_t, unsigned> of_caller;
};

} // namespace

Lane lane_of(transfer::Verb verb) noexcept {
    switch (verb) {
    case transfer::Verb::Clone:
    case transfer::Verb::Remove:
    case transfer::Verb::Clean:
        return Lane::Store;
    case transfer::Verb::Rename:
    case transfer::Verb::ReadOnly:
    case transfer::Verb::SetLimit:
        return Lane::AtOnce;
    default:
        return Lane::Transfers;
    }
}

std::optional<std::uint32_t> pick_next(const std::vector<Contender>& jobs, const Bounds& bounds) {
    std::map<Lane, Load> loads;
    std::map<std::string, unsigned> of_host;
    for (const Contender& job : jobs) {
        if (job.running) {
            ++loads[job.lane].running;
            ++loads[job.lane].of_caller[job.uid];
            ++of_host[job.host];
        }
    }
    const auto is_held_back = [&](const Contender& job) {
        return (job.lane != Lane::AtOnce && loads[job.lane].running >= bounds.running) ||
               (!job.host.empty() && of_host[job.host] >= bounds.running_per_host);
    };
    const Contender* next = nullptr;
    for (const Contender& job : jobs) {
        if (job.running || is_held_back(job)) {
            continue;
        }
        if (next == nullptr ||
            loads[job.lane].of_caller[job.uid] < loads[next->lane].of_caller[next->uid]) {
            next = &job;
        }
    }
    return next == nullptr ? std::nullopt : std::optional(next->number);
}

} // namespace slipway::jobs
