// rename: the store does it; a job so that it is seen, ordered and ended like the others.

#include <fmt/ranges.h>

#include "base/quoted.hh"
#include "storage/changeable.hh"
#include "storage/rename.hh"
#include "transfer/job.hh"
#include "transfer/search.hh"

namespace slipway::transfer {

Ended rename_image(const Job& job) {
    const Request& request = job.request;
    const auto name = storage::ImageName::parse(request.name);
    const auto new_name = storage::ImageName::parse(request.new_name);
    const std::vector<std::filesystem::path> search = search_of(request);
    const storage::Pool pool = storage::open_pool_of(search, name, request.image_class);
    job.report.stage("rename");
    const storage::Renamed renamed = storage::rename_image(pool, name, new_name, search);
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format(
        "renamed {} to {}{}", quoted(name.text()), quoted(new_name.text()),
        renamed.with.empty() ? "" : fmt::format(", with {}", fmt::join(renamed.with, ", ")));
    ended.name = new_name.text();
    ended.path = renamed.path.string();
    ended.siblings = renamed.with;
    return ended;
}

} // namespace slipway::transfer
