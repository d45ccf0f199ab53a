// Discovery is storage's; here is only what the contract adds to it.

#include "jobs/image_lister.hh"

#include "base/error.hh"
#include "base/log.hh"

namespace slipway::jobs {
namespace {

void add_host(std::vector<ListedImage>& found) {
    found.push_back({"machine",
                     {.name = storage::ImageName::parse(".host"),
                      .type = storage::ImageType::Directory,
                      .read_only = false,
                      .created_us = std::nullopt,
                      .path = "/"}});
}

void add_pool(const std::string& image_class, const std::filesystem::path& path,
              std::vector<ListedImage>& found) {
    const std::optional<storage::Pool> pool = storage::Pool::find(path);
    if (!pool) {
        return;
    }
    for (storage::Image& image : storage::list_images(*pool, true)) {
        found.push_back({image_class, std::move(image)});
    }
}

} // namespace

std::vector<ListedImage> find_images(const std::map<std::string, std::filesystem::path>& pools) {
    std::vector<ListedImage> found;
    for (const auto& [image_class, path] : pools) {
        if (image_class == "machine") {
            add_host(found);
        }
        try {
            add_pool(image_class, path, found);
        } catch (const Error& error) {
            if (pools.size() == 1) {
                throw;
            }
            debug("cannot list {}: {}", path.string(), error.what());
        }
    }
    return found;
}

} // namespace slipway::jobs
