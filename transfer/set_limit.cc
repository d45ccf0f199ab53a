// set-limit: of an image, or without a name of the pool.

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "storage/catalog.hh"
#include "storage/limit.hh"
#include "transfer/image_name.hh"
#include "transfer/job.hh"

namespace slipway::transfer {
namespace {

storage::Image find_image(const Request& request, const storage::ImageName& name) {
    const auto search = request.search.empty() ? std::vector{request.pool} : request.search;
    std::optional<storage::Located> found =
        storage::locate_image(search, name, request.image_class);
    if (!found) {
        throw Error(Kind::NotFound, "there is no image {}; nothing was changed",
                    quoted(name.text()));
    }
    return std::move(found->image);
}

} // namespace

Ended set_limit(const Job& job) {
    const Request& request = job.request;
    const auto limit =
        request.limit_bytes == kNoLimit ? std::nullopt : std::optional(request.limit_bytes);
    const auto enable = request.enable_quota ? storage::EnableQuota::Yes : storage::EnableQuota::No;
    Ended ended{.outcome = Outcome::Done, .status = 0};
    std::string said;
    std::string what;
    if (request.name.empty()) {
        const storage::Pool pool = storage::Pool::open(request.pool);
        said = storage::limit_pool(pool, limit, enable);
        what = "the pool " + quoted(pool.path().string());
    } else {
        const storage::ImageName name = settle_name(request);
        said = storage::limit_image(find_image(request, name), limit, enable);
        what = quoted(name.text());
        ended.name = name.text();
    }
    if (!said.empty()) {
        job.report.log(LogLevel::Notice, said);
    }
    ended.text = limit ? fmt::format("limited {} to {}", what, format_size(*limit))
                       : fmt::format("{} has no limit", what);
    return ended;
}

} // namespace slipway::transfer
