// What counts as an image, as systemd sees it (image_discover(), image_find()): a tool that lists
// through either must see the same set.

#include <utility>

#include <dirent.h>

#include "storage/candidate.hh"
#include "storage/describe.hh"
#include "storage/pool.hh"

namespace slipway::storage {

namespace {

std::optional<Image> first_of(const Pool& pool, const ImageName& name,
                              const std::vector<std::string>& entries) {
    std::optional<Candidate> one;
    for (const std::string& entry : entries) {
        if (look_at_entry(pool, {entry, 0, DT_UNKNOWN}, one) == Found::Image && one->name == name) {
            return Describer(pool, 1).describe(*one);
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<Image> list_images(const Pool& pool, bool hidden) {
    const Scan scan = scan_pool(pool, hidden);
    std::vector<Image> images;
    images.reserve(scan.images.size());
    Describer describer(pool, scan.images.size());
    for (const auto& [name, candidate] : scan.images) {
        images.push_back(describer.describe(candidate));
    }
    return images;
}

std::optional<Image> find_image(const Pool& pool, const ImageName& name) {
    return first_of(pool, name, entries_of(name, pool.image_class()));
}

std::optional<Image> find_newest_version(const Pool& pool, const ImageName& name) {
    return first_of(pool, name, version_entries_of(name, pool.image_class()));
}

ImageName stem(const Image& image) {
    const std::filesystem::path file = image.path.filename();
    return ImageName::parse((file.extension() == ".raw" ? file.stem() : file).string());
}

} // namespace slipway::storage
