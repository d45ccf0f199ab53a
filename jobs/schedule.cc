// One pass to count, one to choose.

#include "jobs/schedule.hh"

#include <map>

namespace slipway::jobs {

std::optional<std::uint32_t> pick_next(const std::vector<Contender>& jobs, const Bounds& bounds) {
    unsigned running = 0;
    std::map<std::string, unsigned> of_host;
    std::map<std::uint32_t, unsigned> of_caller;
    for (const Contender& job : jobs) {
        if (job.running) {
            ++running;
            ++of_host[job.host];
            ++of_caller[job.uid];
        }
    }
    if (running >= bounds.running) {
        return std::nullopt;
    }
    const Contender* next = nullptr;
    for (const Contender& job : jobs) {
        const bool host_is_busy = !job.host.empty() && of_host[job.host] >= bounds.running_per_host;
        if (!job.running && !host_is_busy &&
            (next == nullptr || of_caller[job.uid] < of_caller[next->uid])) {
            next = &job;
        }
    }
    return next == nullptr ? std::nullopt : std::optional(next->number);
}

} // namespace slipway::jobs
