// One table: the search paths of systemd 252 to 262 (image_search_path[]), in their order.

#include "storage/image_class.hh"

#include <array>
#include <cstddef>

namespace slipway::storage {
namespace {

using Directories = std::array<std::string_view, 6>;

struct ClassRow {
    ImageClass image_class;
    std::string_view word;
    std::string_view main;
    std::string_view suffix; ///< of names, optional
    Directories search;      ///< those left empty are none
};

constexpr std::array kClasses{
    ClassRow{ImageClass::Machine,
             "machine",
             "/var/lib/machines",
             "",
             {"/etc/machines", "/run/machines", "/var/lib/machines", "/var/lib/container",
              "/usr/local/lib/machines", "/usr/lib/machines"}},
    ClassRow{ImageClass::Portable,
             "portable",
             "/var/lib/portables",
             "",
             {"/etc/portables", "/run/portables", "/var/lib/portables", "/usr/local/lib/portables",
              "/usr/lib/portables"}},
    ClassRow{ImageClass::Sysext,
             "sysext",
             "/var/lib/extensions",
             ".sysext",
             {"/etc/extensions", "/run/extensions", "/var/lib/extensions"}},
    ClassRow{
        ImageClass::Confext,
        "confext",
        "/var/lib/confexts",
        ".confext",
        {"/run/confexts", "/var/lib/confexts", "/usr/local/lib/confexts", "/usr/lib/confexts"}},
};

const ClassRow& row_of(ImageClass image_class) noexcept {
    return kClasses.at(static_cast<std::size_t>(image_class));
}

} // namespace

std::optional<ImageClass> find_class(std::string_view word) noexcept {
    for (const ClassRow& row : kClasses) {
        if (row.word == word) {
            return row.image_class;
        }
    }
    return std::nullopt;
}

std::string_view word(ImageClass image_class) noexcept {
    return row_of(image_class).word;
}

std::string_view name_suffix(ImageClass image_class) noexcept {
    return row_of(image_class).suffix;
}

std::filesystem::path main_pool(ImageClass image_class) {
    return row_of(image_class).main;
}

std::vector<std::filesystem::path> search_path(ImageClass image_class,
                                               const std::filesystem::path& pool) {
    std::vector<std::filesystem::path> paths;
    for (const std::string_view directory : row_of(image_class).search) {
        if (!directory.empty()) {
            paths.emplace_back(directory == row_of(image_class).main ? pool : directory);
        }
    }
    return paths;
}

} // namespace slipway::storage
