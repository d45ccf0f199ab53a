// Only the last attempt's rename makes an image appear, and it carries the mark from before that.

#include "transfer/interrupted.hh"

#include <fmt/format.h>

#include "base/quoted.hh"
#include "storage/origin.hh"
#include "storage/pool.hh"
#include "transfer/image_name.hh"
#include "transfer/provenance.hh"

namespace slipway::transfer {

std::optional<Ended> find_earlier_end(const Request& request) {
    const std::optional<storage::Pool> pool =
        storage::Pool::find(request.pool, request.image_class);
    const storage::ImageName name = request.verb == Verb::Clone
                                        ? storage::ImageName::parse(request.new_name)
                                        : settle_name(request);
    const std::optional<storage::Image> image =
        pool ? storage::find_image(*pool, name) : std::nullopt;
    if (!image || job_of(storage::Provenance{storage::read_origin(*image)}) != job_id(request)) {
        return std::nullopt;
    }
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("stored {} before the job was interrupted; nothing was left to do",
                             quoted(image->path.string()));
    ended.name = name.text();
    ended.path = image->path.string();
    ended.type = storage::word(image->type);
    return ended;
}

} // namespace slipway::transfer
