// What is the vendor's is refused by its place, so that the words say why.

#include "storage/changeable.hh"

#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::storage {
namespace {

bool is_below_usr(const std::filesystem::path& path) {
    const auto first = path.begin() == path.end() ? path.end() : std::next(path.begin());
    return first != path.end() && *first == "usr";
}

std::string places(const std::vector<std::filesystem::path>& search) {
    std::vector<std::string> texts;
    for (const std::filesystem::path& directory : search) {
        texts.push_back(quoted(directory.string()));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

} // namespace

Located find_known_image(const std::vector<std::filesystem::path>& search, const ImageName& name,
                         ImageClass image_class) {
    if (name.text() == ".host") {
        throw Error(Kind::InvalidArgument,
                    "'.host' means the running system itself, which is no image of a pool; nothing "
                    "was changed");
    }
    std::optional<Located> found = locate_image(search, name, image_class);
    if (!found) {
        throw Error(Kind::NotFound, "there is no image {} in {} {}", quoted(name.text()),
                    search.size() == 1 ? "the pool" : "any of", places(search));
    }
    if (const auto directory = found->image.path.parent_path();
        directory.extension() == ".v" && directory.filename() != found->pool.filename()) {
        throw Error(Kind::Unsupported,
                    "image {} is a version in {}, which systemd-sysupdate keeps; nothing was "
                    "changed",
                    quoted(name.text()), quoted(directory.string()));
    }
    return std::move(*found);
}

Pool open_pool_of(const std::vector<std::filesystem::path>& search, const ImageName& name,
                  ImageClass image_class) {
    const Located found = find_known_image(search, name, image_class);
    const std::string path = quoted(found.image.path.string());
    if (is_below_usr(found.image.path)) {
        throw Error(Kind::Denied,
                    "image {} came with the system, as {}; nothing was changed. A clone of it can "
                    "be changed",
                    quoted(name.text()), path);
    }
    try {
        return Pool::open(found.pool, image_class);
    } catch (Error& error) {
        if (error.kind() == Kind::Denied) {
            error.add_advice("; image " + quoted(name.text()) + " was not changed");
        }
        throw;
    }
}

void check_unused(const std::vector<std::filesystem::path>& search, const ImageName& name,
                  ImageClass image_class) {
    if (const std::optional<Located> found = locate_image(search, name, image_class)) {
        throw Error(Kind::Exists,
                    "image {} exists ({} {}); nothing was changed. Give another name, or remove "
                    "that one first",
                    quoted(name.text()), word(found->image.type),
                    quoted(found->image.path.string()));
    }
}

} // namespace slipway::storage
