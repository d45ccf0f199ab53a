// sweep: what dead jobs left in a pool is removed or completed, without a job of the pool's own.

#include <fmt/format.h>

#include "base/quoted.hh"
#include "storage/pool.hh"
#include "storage/staging.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

Ended sweep(const Job& job) {
    const std::optional<storage::Pool> pool = storage::Pool::find(job.request.pool);
    job.report.stage("sweep");
    const storage::Swept swept = pool ? storage::sweep(*pool) : storage::Swept{};
    for (const std::string& problem : swept.problems) {
        job.report.log(LogLevel::Warning, problem);
    }
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("swept {}: {} removed, {} completed",
                             quoted(job.request.pool.string()), swept.removed, swept.completed);
    return ended;
}

} // namespace slipway::transfer
