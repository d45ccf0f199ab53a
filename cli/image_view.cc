// One question about usage and one look at the locks for all images together.

#include "cli/image_view.hh"

#include <algorithm>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/cache_directory.hh"
#include "storage/origin.hh"

namespace slipway::cli {
namespace {

std::vector<storage::Usage> find_usages(const std::vector<storage::Image>& images,
                                        const Options& options) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return storage::find_usage(
        images,
        {.walks = options.exact ? storage::Walks::All : storage::Walks::Missing,
         .cache = usage_file(options),
         .now = now},
        {});
}

} // namespace

std::filesystem::path usage_file(const Options& options) {
    const std::filesystem::path directory = cache_directory(options);
    return directory.empty() ? directory : directory / "usage";
}

std::vector<ImageRow> make_rows(std::vector<storage::Image> images, const Options& options,
                                Origins origins) {
    std::vector<storage::Usage> usages = find_usages(images, options);
    const auto users = storage::find_users(images);
    std::vector<ImageRow> rows;
    rows.reserve(images.size());
    for (std::size_t i = 0; i < images.size(); ++i) {
        ImageRow row{
            .image = std::move(images[i]), .image_class = options.image_class, .usage = usages[i]};
        const auto user = users.empty() ? users.end() : users.find(row.image.path);
        if (user != users.end()) {
            row.user = user->second;
        }
        if (origins == Origins::Read) {
            row.origin = storage::read_origin(row.image);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

ImageRows find_rows(const Options& options, Origins origins) {
    storage::Catalog catalog = storage::read_catalog(searched(options), options.image_class,
                                                     options.all ? storage::Breadth::Everything
                                                                 : storage::Breadth::Visible);
    std::vector<storage::Image> images;
    images.reserve(catalog.images.size() + 1);
    // As machinectl list-images --all shows it.
    if (options.all && !options.pool_given && options.image_class == storage::ImageClass::Machine) {
        images.push_back(storage::host_image());
    }
    for (storage::Located& located : catalog.images) {
        images.push_back(std::move(located.image));
    }
    std::vector<storage::Image> others;
    for (storage::Shadowed& shadowed : catalog.shadowed) {
        others.push_back(std::move(shadowed.image));
    }
    ImageRows rows{.images = make_rows(std::move(images), options, origins),
                   .shadowed = make_rows(std::move(others), options, origins),
                   .dangling = std::move(catalog.dangling),
                   .leftovers = std::move(catalog.leftovers)};
    for (std::size_t i = 0; i < rows.shadowed.size(); ++i) {
        rows.shadowed[i].shadowed_by = std::move(catalog.shadowed[i].by);
    }
    std::stable_sort(rows.images.begin(), rows.images.end(),
                     [](const auto& a, const auto& b) { return a.image.name < b.image.name; });
    return rows;
}

ImageRow find_row(const Options& options, const std::string& name) {
    const storage::ImageName wanted = storage::ImageName::parse(name);
    std::optional<storage::Image> image;
    if (name == ".host" && !options.pool_given) {
        image = storage::host_image();
    } else if (auto found = storage::locate_image(searched(options), wanted, options.image_class)) {
        image = std::move(found->image);
    }
    if (!image) {
        throw Error(Kind::NotFound, "No image {} known; slipway list-images shows what there is",
                    quoted(name));
    }
    return std::move(make_rows({std::move(*image)}, options, Origins::Read).front());
}

} // namespace slipway::cli
