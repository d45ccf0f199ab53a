// inspect-disk: a confined slipway-unpack looks at the disk's partitions. No lock is taken: it is
// looked at while a machine runs on it, too, and what it says of itself then is not less true.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "pull/inspector.hh"
#include "storage/catalog.hh"
#include "transfer/image_name.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

Ended inspect_disk(const Job& job) {
    const Request& request = job.request;
    const storage::ImageName name = settle_name(request);
    const auto search = request.search.empty() ? std::vector{request.pool} : request.search;
    const std::optional<storage::Located> found =
        storage::locate_image(search, name, request.image_class);
    if (!found) {
        throw Error(Kind::NotFound, "there is no image {}", quoted(name.text()));
    }
    const storage::Image& image = found->image;
    const Fd disk(::open(image.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat info {};
    if (!disk || ::fstat(disk.get(), &info) < 0) {
        throw errno_error("cannot open {}", quoted(image.path.string()));
    }
    if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode)) {
        throw Error(Kind::Unsupported, "image {} is a tree, no disk", quoted(name.text()));
    }
    job.report.disk_inspected(DiskInspected{pull::inspect_disk(disk.get(), job.stop)});
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("looked at {}", quoted(name.text()));
    ended.name = name.text();
    ended.path = image.path;
    ended.type = word(image.type);
    return ended;
}

} // namespace slipway::transfer
