// The first directory that has the name.

#include "storage/catalog.hh"

namespace slipway::storage {

std::optional<Located> locate_image(const std::vector<std::filesystem::path>& search,
                                    const ImageName& name) {
    for (const std::filesystem::path& path : search) {
        const std::optional<Pool> pool = Pool::find(path);
        if (!pool) {
            continue;
        }
        if (std::optional<Image> image = find_image(*pool, name)) {
            return Located{std::move(*image), path};
        }
    }
    return std::nullopt;
}

} // namespace slipway::storage
