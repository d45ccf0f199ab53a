// Relative paths in the environment count for nothing, as both specifications say.

#include "cli/cache_directory.hh"

#include <cstdlib>

#include <unistd.h>

#include "base/error.hh"

namespace slipway::cli {

std::filesystem::path cache_directory(bool is_root, bool own_pool,
                                      const std::function<const char*(const char*)>& variable) {
    const auto path = [&variable](const char* name) -> std::filesystem::path {
        const char* value = variable(name);
        return value != nullptr && *value == '/' ? value : "";
    };
    if (const auto given = path("CACHE_DIRECTORY"); !given.empty()) {
        return given;
    }
    if (is_root && !own_pool) {
        return "/var/cache/slipway";
    }
    if (const auto caches = path("XDG_CACHE_HOME"); !caches.empty()) {
        return caches / "slipway";
    }
    const auto home = path("HOME");
    return home.empty() ? home : home / ".cache/slipway";
}

std::filesystem::path cache_directory(const Options& options) {
    return cache_directory(::geteuid() == 0, options.pool_given,
                           [](const char* name) { return std::getenv(name); });
}

std::optional<cache::Store> find_cache(const Options& options) {
    const std::filesystem::path path = cache_directory(options);
    if (path.empty()) {
        throw Error(Kind::NotFound, "there is no directory of kept downloads: neither "
                                    "CACHE_DIRECTORY nor XDG_CACHE_HOME nor HOME is set");
    }
    return cache::Store::find(path);
}

} // namespace slipway::cli
