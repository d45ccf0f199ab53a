// systemd-importd stores each layer of an OCI image as a hidden image of its own and an mstack, a
// directory NAME.mstack, with a link to each: machinectl clean takes the layers from under it.

#include "storage/clean.hh"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "storage/image_users.hh"

namespace slipway::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLayerPrefix = ".oci-";
constexpr std::string_view kStackSuffix = ".mstack";

bool is_hidden(const Image& image) {
    return image.name.text().starts_with('.');
}

bool is_layer(std::string_view name) {
    return name.starts_with(kLayerPrefix);
}

bool is_vendor(const fs::path& pool) {
    const auto first = std::next(pool.begin());
    return first != pool.end() && *first == "usr";
}

/// The layers that the mstacks of a pool stand on, but for those that go.
std::set<std::string> layers_in_use(const fs::path& pool, const std::set<fs::path>& going) {
    std::set<std::string> layers;
    std::error_code error;
    for (fs::directory_iterator stack(pool, error), end; !error && stack != end;
         stack.increment(error)) {
        if (!stack->path().filename().string().ends_with(kStackSuffix) ||
            going.contains(stack->path())) {
            continue;
        }
        std::error_code inside;
        for (fs::directory_iterator layer(stack->path(), inside); !inside && layer != end;
             layer.increment(inside)) {
            std::error_code unread;
            const fs::path target = fs::read_symlink(layer->path(), unread);
            // With or without a slash at its end.
            const fs::path name =
                target.has_filename() ? target.filename() : target.parent_path().filename();
            if (!unread && is_layer(name.string())) {
                layers.insert(name);
            }
        }
    }
    return layers;
}

} // namespace

bool is_layer_in_use(const fs::path& pool, const std::string& layer) {
    return is_layer(layer) && layers_in_use(pool, {}).contains(layer);
}

Cleanable find_cleanable(const std::vector<fs::path>& search, ImageClass image_class,
                         CleanScope scope) {
    Catalog catalog = read_catalog(search, image_class, Breadth::Everything);
    Cleanable result;
    result.leftovers = std::move(catalog.leftovers);
    std::vector<Located> candidates;
    std::vector<Image> images;
    for (Located& located : catalog.images) {
        const bool wanted = scope == CleanScope::All || is_hidden(located.image);
        const bool spared = located.image.name.text() == ".host" || is_vendor(located.pool) ||
                            ::access(located.pool.c_str(), W_OK) < 0 ||
                            !located.image.versions.empty();
        if (wanted && !spared) {
            images.push_back(located.image);
            candidates.push_back(std::move(located));
        }
    }
    const auto users = find_users(images);
    std::erase_if(candidates, [&](const Located& located) {
        const auto user = users.find(located.image.path);
        if (user != users.end()) {
            result.spared.push_back({located.image.name.text(),
                                     fmt::format("it is in use by {}", user->second.holder)});
        }
        return user != users.end();
    });
    std::set<fs::path> going;
    for (const Located& located : candidates) {
        going.insert(located.image.path);
    }
    std::erase_if(candidates, [&](const Located& located) {
        const std::string& name = located.image.name.text();
        const bool used = is_layer(name) && layers_in_use(located.pool, going).contains(name);
        if (used) {
            result.spared.push_back({name, "an mstack stands on it"});
        }
        return used;
    });
    // Layers after the mstacks that stand on them.
    std::stable_partition(candidates.begin(), candidates.end(), [](const Located& located) {
        return !is_layer(located.image.name.text());
    });
    result.images = std::move(candidates);
    return result;
}

} // namespace slipway::storage
