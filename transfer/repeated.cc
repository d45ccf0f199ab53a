// Both names are reserved for the job since it was promised: that the one is gone, and the other
// there, is what the earlier attempt did.

#include "transfer/repeated.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/quoted.hh"
#include "storage/catalog.hh"
#include "storage/staging.hh"

namespace slipway::transfer {
namespace {

constexpr const char* kBefore = "before the job was interrupted; nothing was left to do";

std::vector<std::filesystem::path> directories(const Request& request) {
    return request.search.empty() ? std::vector{request.pool} : request.search;
}

void finish_what_was_begun(const Request& request) {
    for (const std::filesystem::path& directory : directories(request)) {
        const std::optional<storage::Pool> pool = storage::Pool::find(directory);
        if (pool && ::faccessat(pool->fd(), ".", W_OK, AT_EACCESS) == 0) {
            storage::sweep(*pool);
        }
    }
}

} // namespace

std::optional<Ended> find_earlier_change(const Request& request) {
    const bool is_rename = request.verb == Verb::Rename;
    if (request.job.empty() || (!is_rename && request.verb != Verb::Remove)) {
        return std::nullopt;
    }
    finish_what_was_begun(request);
    const auto find = [&request](const std::string& name) {
        return storage::locate_image(directories(request), storage::ImageName::parse(name),
                                     request.image_class);
    };
    if (find(request.name)) {
        return std::nullopt;
    }
    Ended ended{.outcome = Outcome::Done, .status = 0};
    if (!is_rename) {
        ended.name = request.name;
        ended.text = fmt::format("removed {} {}", quoted(request.name), kBefore);
        return ended;
    }
    const std::optional<storage::Located> renamed = find(request.new_name);
    if (!renamed) {
        return std::nullopt;
    }
    ended.name = request.new_name;
    ended.path = renamed->image.path.string();
    ended.text =
        fmt::format("renamed {} to {} {}", quoted(request.name), quoted(request.new_name), kBefore);
    return ended;
}

} // namespace slipway::transfer
