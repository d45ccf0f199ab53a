// read-only: the store does it; a job so that it is seen, ordered and ended like the others.

#include <fmt/format.h>

#include "base/quoted.hh"
#include "storage/changeable.hh"
#include "storage/mark.hh"
#include "transfer/job.hh"
#include "transfer/search.hh"

namespace slipway::transfer {

Ended mark_image(const Job& job) {
    const Request& request = job.request;
    const auto name = storage::ImageName::parse(request.name);
    const storage::Pool pool = storage::open_pool_of(search_of(request), name, request.image_class);
    job.report.stage("mark");
    const bool changed = storage::mark_image(
        pool, name, request.read_only ? storage::ReadOnly::Yes : storage::ReadOnly::No);
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("{} {} {}", quoted(name.text()), changed ? "is now" : "was already",
                             request.read_only ? "read-only" : "writable");
    ended.name = name.text();
    return ended;
}

} // namespace slipway::transfer
