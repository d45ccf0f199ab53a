// The staging reserves the name of an image in the pool, which has to be nobody else's: it is made
// of the clone's own number.

#include "spawn/machine_clone.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/clone_way.hh"
#include "storage/hidden.hh"
#include "storage/lock.hh"
#include "volume/copy_file.hh"
#include "volume/copy_tree.hh"
#include "volume/remove_tree.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;
using storage::CloneWay;
using storage::ImageType;

storage::Pool find_pool(const fs::path& directory) {
    std::optional<storage::Pool> pool = storage::Pool::find(directory);
    if (!pool) {
        throw Error(Kind::NotFound, "there is no pool {}", quoted(directory.string()));
    }
    return std::move(*pool);
}

std::string id_of(const fs::path& clone) {
    const std::optional<std::string> id = storage::find_job_id(clone.filename().string());
    if (!id) {
        throw Error(Kind::InvalidArgument, "{} is no path for a clone", quoted(clone.string()));
    }
    return *id;
}

Fd open_image(const fs::path& image) {
    Fd fd(::open(image.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        throw errno_error("cannot read the image {}", quoted(image.string()));
    }
    return fd;
}

void fill(const storage::Staging& staging, int image, CloneWay way) {
    if (staging.type() == ImageType::Raw) {
        volume::copy_large_file(image, staging.root(), [](std::uint64_t) {}, {});
    } else if (way != CloneWay::Snapshot) {
        volume::copy_tree(image, staging.root(), {}, {});
    }
}

storage::Staging make_clone(const storage::Pool& pool, const fs::path& image,
                            const fs::path& clone) {
    const storage::Pool source_pool = find_pool(image.parent_path());
    const storage::ImageLock lock(source_pool, image.filename().string(),
                                  storage::LockMode::Shared);
    const Fd source = open_image(image);
    const bool is_tree = fs::is_directory(image);
    const CloneWay way =
        storage::way_of_clone(source.get(), is_tree ? ImageType::Directory : ImageType::Raw, pool);
    const std::string id = id_of(clone);
    storage::StagingSpec spec{.id = id, .name = storage::ImageName::parse("ephemeral-" + id)};
    spec.kind = is_tree ? storage::ImageKind::Tree : storage::ImageKind::Disk;
    spec.snapshot_of = way == CloneWay::Snapshot ? source.get() : -1;
    spec.shares_with = !is_tree && way == CloneWay::Share ? source.get() : -1;
    storage::Staging staging(pool, spec);
    fill(staging, source.get(), way);
    return staging;
}

} // namespace

fs::path new_clone_path(const fs::path& pool) {
    return pool / storage::HiddenNames(storage::make_job_id()).content;
}

MachineClone::MachineClone(const fs::path& image, const fs::path& clone)
    : pool_(find_pool(clone.parent_path())), staging_(make_clone(pool_, image, clone)) {}

void remove_clone(const fs::path& clone) {
    const std::optional<storage::Pool> pool = storage::Pool::find(clone.parent_path());
    if (!pool) {
        return;
    }
    volume::remove_tree(pool->fd(), clone.filename().string());
    if (storage::find_job_id(clone.filename().string())) {
        storage::sweep(*pool);
    }
}

} // namespace slipway::spawn
