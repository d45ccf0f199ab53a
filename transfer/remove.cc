// remove: the store does it; a job so that it is seen, ordered and ended like the others.

#include <fmt/format.h>

#include "base/quoted.hh"
#include "storage/changeable.hh"
#include "transfer/image_name.hh"
#include "transfer/job.hh"
#include "transfer/search.hh"

namespace slipway::transfer {

Ended remove(const Job& job) {
    const storage::ImageName name = settle_name(job.request);
    const storage::Pool pool =
        storage::open_pool_of(search_of(job.request), name, job.request.image_class);
    job.report.stage("remove");
    storage::remove_image(pool, name);
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("removed {}", quoted(name.text()));
    ended.name = name.text();
    return ended;
}

} // namespace slipway::transfer
