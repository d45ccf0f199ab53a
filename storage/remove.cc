// Removing an image: the rename is the removal, what follows is tidying up.

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/pool.hh"
#include "storage/removable.hh"
#include "storage/sibling.hh"
#include "storage/staging.hh"
#include "storage/target.hh"

namespace slipway::storage {
namespace {

Image find_removable(const Pool& pool, const ImageName& name) {
    std::optional<Image> image = find_image(pool, name);
    if (!image) {
        throw Error(Kind::NotFound, "there is no image {} in the pool {}", quoted(name.text()),
                    quoted(pool.path().string()));
    }
    check_removable(pool, *image);
    return std::move(*image);
}

/// What goes beside the one rename. Siblings of a name that another image has afterwards are left
/// to that.
Plan make_plan(const Pool& pool, const ImageName& name, const Target& target) {
    Plan plan{.name = {},
              .fresh = {},
              .read_only = false,
              .old_name = target.file_name,
              .old = target.identity,
              .old_immutable = target.immutable};
    if (!target.hides_raw) {
        plan.go = find_siblings(pool, name);
        plan.settings = find_settings_elsewhere(pool, name, OutOfReach::LeaveOut);
    }
    return plan;
}

void take_name_away(const Pool& pool, const HiddenNames& names, const Plan& plan) {
    if (plan.is_needed()) {
        write_plan(pool.fd(), names, plan);
        prepare(pool.fd(), plan);
    }
    if (::renameat(pool.fd(), plan.old_name.c_str(), pool.fd(), names.content.c_str()) < 0) {
        if (errno == EXDEV) {
            throw Error(Kind::Unsupported,
                        "image {} lies in a lower layer of an overlay and cannot be taken away in "
                        "one step; nothing was changed",
                        quoted(plan.old_name));
        }
        throw errno_error("cannot remove image {}", quoted(plan.old_name));
    }
    if (::fsync(pool.fd()) < 0) {
        throw errno_error("image {} is removed, but may come back after a power loss: cannot sync "
                          "the directory of the pool",
                          quoted(plan.old_name));
    }
}

} // namespace

void remove_image(const Pool& pool, const ImageName& name) {
    sweep(pool);
    const Image found = find_removable(pool, name);
    const std::string file_name = found.path.filename();
    const JobPlace place(pool, make_job_id(), {stem(found).text()});
    const ImageLock lock(pool, file_name, LockMode::Exclusive);
    const Image image = find_removable(pool, name); // as it is now that nobody changes it
    if (image.path.filename() != file_name) {
        throw Error(Kind::Busy, "image {} was exchanged meanwhile; nothing was changed",
                    quoted(name.text()));
    }
    take_name_away(pool, place.names(), make_plan(pool, stem(image), describe_target(pool, image)));
    try {
        carry_out_plan(pool, place.names());
        clear_hidden(pool, place.names());
    } catch (Error& error) {
        error.add_context("image {} is removed, but not all that it held", quoted(name.text()));
        error.add_advice("; the next job in this pool tries again");
        throw;
    }
}

} // namespace slipway::storage
