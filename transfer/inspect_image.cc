// inspect: a confined slipway-unpack reads the few files of the image's tree that tell what it is.
// Of a disk nothing is told: its file systems are somebody else's, and are not mounted.

#include <fcntl.h>
#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "pull/inspector.hh"
#include "storage/catalog.hh"
#include "transfer/image_name.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

Ended inspect_image(const Job& job) {
    const Request& request = job.request;
    const storage::ImageName name = settle_name(request);
    const auto search = request.search.empty() ? std::vector{request.pool} : request.search;
    const std::optional<storage::Located> found =
        name.text() == ".host" ? std::optional(storage::Located{storage::host_image(), "/"})
                               : storage::locate_image(search, name, request.image_class);
    if (!found) {
        throw Error(Kind::NotFound, "there is no image {}", quoted(name.text()));
    }
    const storage::Image& image = found->image;
    if (image.type == storage::ImageType::Raw || image.type == storage::ImageType::Block) {
        throw Error(
            Kind::Unsupported,
            "image {} is a disk, and is not read: its file systems would have to be mounted",
            quoted(name.text()));
    }
    const Fd tree(::open(image.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!tree) {
        throw errno_error("cannot open {}", quoted(image.path.string()));
    }
    const pull::SystemIdentity identity = pull::inspect_tree(tree.get(), job.stop);
    job.report.inspected(
        {identity.host_name, identity.machine_id, identity.machine_info, identity.os_release});
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("read {}", quoted(name.text()));
    ended.name = name.text();
    ended.path = image.path;
    ended.type = word(image.type);
    return ended;
}

} // namespace slipway::transfer
