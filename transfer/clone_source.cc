// A name is looked up twice: before the lock, which needs to know the file, and after it.

#include "transfer/clone_source.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/changeable.hh"
#include "volume/inode_id.hh"

namespace slipway::transfer {
namespace {

storage::Pool open_pool(const storage::Located& located, storage::ImageClass image_class) {
    std::optional<storage::Pool> pool = storage::Pool::find(located.pool, image_class);
    if (!pool) {
        throw Error(Kind::NotFound, "the directory {} is gone; nothing was stored",
                    quoted(located.pool.string()));
    }
    return std::move(*pool);
}

} // namespace

CloneSource::CloneSource(const std::vector<std::filesystem::path>& search,
                         const storage::ImageName& name, storage::ImageClass image_class)
    : located_(storage::find_known_image(search, name, image_class)),
      pool_(open_pool(located_, image_class)) {
    if (image().type == storage::ImageType::Block) {
        throw Error(Kind::Unsupported,
                    "{} is a block device, of which no clone can be made; nothing was stored. "
                    "import-raw stores what it holds",
                    quoted(image().path.string()));
    }
    const int directory = is_disk() ? 0 : O_DIRECTORY;
    root_.reset(
        ::open(image().path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | directory));
    if (!root_) {
        throw errno_error("cannot open {}", quoted(image().path.string()));
    }
}

void CloneSource::check() const {
    const std::optional<storage::Image> now = storage::find_image(pool_, image().name);
    struct stat named {};
    if (!now || now->path != image().path || ::stat(now->path.c_str(), &named) < 0 ||
        volume::inode_id(root_.get()) != volume::InodeId{named.st_dev, named.st_ino}) {
        throw Error(Kind::Busy, "image {} was exchanged meanwhile; nothing was changed",
                    quoted(image().name.text()));
    }
}

} // namespace slipway::transfer
