// Discovery is storage's; here is only what the contracts of the bus add to it.

#include "jobs/image_lister.hh"

#include <fmt/format.h>

#include "base/error.hh"
#include "base/log.hh"
#include "storage/catalog.hh"
#include "storage/image_users.hh"
#include "storage/origin.hh"
#include "storage/sibling.hh"

namespace slipway::jobs {
namespace {

constexpr const char* kHost = ".host";

storage::ImageClass class_of(const std::string& word) {
    return storage::find_class(word).value_or(storage::ImageClass::Machine);
}

void add_class(const std::string& image_class, const std::filesystem::path& pool,
               std::vector<ListedImage>& found) {
    const storage::ImageClass known = class_of(image_class);
    storage::Catalog catalog =
        storage::read_catalog(storage::search_path(known, pool), known, storage::Breadth::Images);
    for (storage::Located& located : catalog.images) {
        const storage::Usage usage = storage::known_usage(located.image);
        found.push_back({image_class, std::move(located.image), usage});
    }
}

} // namespace

std::vector<ListedImage> find_images(const std::map<std::string, std::filesystem::path>& pools) {
    std::vector<ListedImage> found;
    for (const auto& [image_class, path] : pools) {
        if (image_class == "machine") {
            found.push_back({image_class, storage::host_image()});
        }
        try {
            add_class(image_class, path, found);
        } catch (const Error& error) {
            if (pools.size() == 1) {
                throw;
            }
            debug("cannot list {}: {}", path.string(), error.what());
        }
    }
    return found;
}

std::optional<ImageView> find_view(const std::string& image_class,
                                   const std::filesystem::path& pool,
                                   const storage::ImageName& name) {
    if (image_class == "machine" && name.text() == kHost) {
        return ImageView{{image_class, storage::host_image()}, "/"};
    }
    const storage::ImageClass known = class_of(image_class);
    const std::optional<storage::Located> located =
        storage::locate_image(storage::search_path(known, pool), name, known);
    const std::optional<storage::Pool> there =
        located ? storage::Pool::find(located->pool) : std::nullopt;
    if (!there) {
        return std::nullopt;
    }
    ImageView view{{image_class, located->image, storage::known_usage(located->image)},
                   located->pool};
    view.origin = storage::read_origin(located->image);
    for (const storage::NamedFile& file : storage::find_siblings(located->image)) {
        view.siblings.push_back(file.name);
    }
    for (const auto& [path, user] : storage::find_users({located->image})) {
        view.used_by.push_back(user.machine.empty()
                                   ? user.holder
                                   : fmt::format("machine '{}', {}", user.machine, user.holder));
    }
    return view;
}

PoolView view_pool(const std::filesystem::path& pool) {
    const std::optional<storage::Pool> there = storage::Pool::find(pool);
    return {pool, there ? storage::pool_usage(*there) : storage::Usage{}};
}

} // namespace slipway::jobs
