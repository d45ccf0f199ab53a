// Pool by pool, and within a pool as candidate.cc has it.

#include "storage/catalog.hh"

#include <algorithm>
#include <map>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/candidate.hh"
#include "storage/describe.hh"
#include "volume/inode_id.hh"

namespace slipway::storage {
namespace {

class Reading {
public:
    explicit Reading(Breadth breadth) : breadth_(breadth) {}

    void add(const Pool& pool) {
        const volume::InodeId id = volume::inode_id(pool.fd());
        if (std::find(seen_.begin(), seen_.end(), id) != seen_.end()) {
            return;
        }
        seen_.push_back(id);
        const Scan scan = scan_pool(pool, breadth_ != Breadth::Visible);
        Describer describer(pool, scan.images.size());
        for (const auto& [name, candidate] : scan.images) {
            Image image = describer.describe(candidate);
            const auto first = images_.find(name);
            if (first == images_.end()) {
                images_.emplace(name, Located{std::move(image), pool.path()});
            } else {
                shadow(std::move(image), first->second.image.path);
            }
        }
        if (breadth_ == Breadth::Everything) {
            add_the_rest(pool, scan, describer);
        }
    }

    Catalog finish() {
        for (auto& [name, located] : images_) {
            catalog_.images.push_back(std::move(located));
        }
        std::sort(catalog_.shadowed.begin(), catalog_.shadowed.end(),
                  [](const auto& a, const auto& b) { return a.image.path < b.image.path; });
        std::sort(catalog_.dangling.begin(), catalog_.dangling.end());
        std::sort(catalog_.leftovers.begin(), catalog_.leftovers.end(),
                  [](const auto& a, const auto& b) { return a.path < b.path; });
        return std::move(catalog_);
    }

private:
    void shadow(Image image, std::filesystem::path by) {
        if (breadth_ == Breadth::Everything) {
            catalog_.shadowed.push_back({std::move(image), std::move(by)});
        }
    }

    void add_the_rest(const Pool& pool, const Scan& scan, Describer& describer) {
        for (const auto& [candidate, by] : scan.shadowed) {
            shadow(describer.describe(candidate), pool.path() / by);
        }
        for (const std::string& name : scan.dangling) {
            catalog_.dangling.push_back(pool.path() / name);
        }
        for (Leftover& leftover : find_leftovers(pool)) {
            catalog_.leftovers.push_back(std::move(leftover));
        }
    }

    Breadth breadth_;
    std::vector<volume::InodeId> seen_;
    std::map<ImageName, Located> images_;
    Catalog catalog_;
};

} // namespace

Catalog read_catalog(const std::vector<std::filesystem::path>& search, ImageClass image_class,
                     Breadth breadth) {
    Reading reading(breadth);
    for (const std::filesystem::path& path : search) {
        if (const std::optional<Pool> pool = Pool::find(path, image_class)) {
            reading.add(*pool);
        }
    }
    return reading.finish();
}

std::optional<Located> locate_image(const std::vector<std::filesystem::path>& search,
                                    const ImageName& name, ImageClass image_class) {
    for (const std::filesystem::path& path : search) {
        const std::optional<Pool> pool = Pool::find(path, image_class);
        if (!pool) {
            continue;
        }
        std::optional<Image> image = find_image(*pool, name);
        if (!image) {
            image = find_newest_version(*pool, name);
        }
        if (image) {
            return Located{std::move(*image), path};
        }
    }
    return std::nullopt;
}

Image host_image() {
    const Fd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Image image{.name = ImageName::parse(".host"),
                .type = ImageType::Directory,
                .read_only = ::faccessat(root.get(), ".", W_OK, AT_EACCESS) < 0 && errno == EROFS,
                .created_us = std::nullopt,
                .path = "/"};
    if (volume::is_subvolume(root.get())) {
        image.type = ImageType::Subvolume;
        if (const auto info = volume::find_subvolume_info(root.get())) {
            image.read_only = image.read_only || info->read_only;
            image.created_us = info->created_us;
            image.modified_us = info->changed_us;
            image.subvolume = info;
        }
    }
    return image;
}

} // namespace slipway::storage
