// A snapshot needs no lock: it is made in one step, of whatever a running machine has written by
// then.

#include "transfer/export_source.hh"

#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/usage.hh"
#include "transfer/image_name.hh"
#include "volume/directory.hh"
#include "volume/snapshot.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

bool is_disk(const storage::Image& image) noexcept {
    return image.type == storage::ImageType::Raw || image.type == storage::ImageType::Block;
}

storage::Located find(const Request& request) {
    const storage::ImageName name = settle_name(request);
    std::vector<std::filesystem::path> search = request.search;
    if (search.empty()) {
        search.push_back(request.pool);
    }
    std::optional<storage::Located> found =
        storage::locate_image(search, name, request.image_class);
    if (!found) {
        throw Error(Kind::NotFound,
                    "there is no image {} in {}; nothing was written. list-images "
                    "shows those that there are",
                    quoted(name.text()), quoted(search.front().string()));
    }
    if (is_disk(found->image) != brings_disk(request.verb)) {
        throw Error(Kind::Unsupported, "{} is a {}, which {} writes; nothing was written",
                    quoted(name.text()), is_disk(found->image) ? "disk" : "tree",
                    is_disk(found->image) ? "export-raw" : "export-tar");
    }
    return std::move(*found);
}

storage::Pool open_pool(const std::filesystem::path& path) {
    std::optional<storage::Pool> pool = storage::Pool::find(path);
    if (!pool) {
        throw Error(Kind::NotFound, "the pool {} went away", quoted(path.string()));
    }
    return std::move(*pool);
}

} // namespace

ExportSource::ExportSource(const Job& job)
    : located_(find(job.request)), pool_(open_pool(located_.pool)) {
    open();
    if (located_.image.type == storage::ImageType::Subvolume && snapshot(job)) {
        return;
    }
    // A version of an image lies, and is locked, in a directory of its own (NAME.v).
    const std::filesystem::path& path = located_.image.path;
    lock_.emplace(open_pool(path.parent_path()), path.filename().string(),
                  storage::LockMode::Shared);
    open(); // what the name leads to now that nobody may exchange it
}

void ExportSource::open() {
    // A device that is mounted, or used by the kernel in another way, changes as it is read
    // (open(2), O_EXCL of block devices).
    const bool device = located_.image.type == storage::ImageType::Block;
    const int kind =
        is_disk(located_.image) ? O_NONBLOCK | O_NOCTTY | (device ? O_EXCL : 0) : O_DIRECTORY;
    fd_.reset(::open(located_.image.path.c_str(), O_RDONLY | O_CLOEXEC | kind));
    if (!fd_ && errno == EBUSY) {
        throw Error(Kind::Busy, "the device behind {} is mounted or in use; nothing was written",
                    quoted(located_.image.name.text()));
    }
    if (!fd_) {
        throw errno_error("cannot open {}", quoted(located_.image.path.string()));
    }
}

// False where none can be made: then the tree is read where it is.
bool ExportSource::snapshot(const Job& job) {
    if (::faccessat(pool_.fd(), ".", W_OK, AT_EACCESS) < 0 ||
        !volume::can_make_snapshot(fd_.get(), pool_.fd())) {
        return false;
    }
    job.report.stage("snapshot");
    place_.emplace(pool_, job.request.id, std::vector{located_.image.name.text()});
    try {
        volume::make_snapshot(fd_.get(), pool_.fd(), place_->names().content);
        fd_ = volume::open_directory(pool_.fd(), place_->names().content);
    } catch (const Error& error) {
        job.report.log(LogLevel::Debug,
                       fmt::format("no snapshot, the tree is locked instead: {}", error.what()));
        place_.reset();
        return false;
    }
    return true;
}

std::optional<std::uint64_t> ExportSource::size_bytes() const {
    if (!is_disk(located_.image)) {
        return storage::known_usage(located_.image).total;
    }
    const off_t end = ::lseek(fd_.get(), 0, SEEK_END);
    if (end < 0 || ::lseek(fd_.get(), 0, SEEK_SET) < 0) {
        throw errno_error("cannot look at the disk");
    }
    return static_cast<std::uint64_t>(end);
}

void ExportSource::check() const {
    if (lock_) {
        lock_->check();
    }
}

} // namespace slipway::transfer
