// Where downloads are kept.

#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "cache/store.hh"
#include "cli/options.hh"

namespace slipway::cli {

/// $CACHE_DIRECTORY where a service manager gives one (systemd.exec(5)); else /var/cache/slipway,
/// which is the daemon's too, for root; $XDG_CACHE_HOME/slipway or ~/.cache/slipway for others (XDG
/// Base Directory Specification), and for root with a pool of its own. Empty: there is none.
/// @param own_pool  --pool was given
/// @param variable  getenv(3)
std::filesystem::path cache_directory(bool is_root, bool own_pool,
                                      const std::function<const char*(const char*)>& variable);

/// The same for this process.
std::filesystem::path cache_directory(const Options& options);

/// The kept downloads of a verb of the cache; nothing where none were ever kept.
/// @throws Error  NotFound: no variable says where they are; else as cache::Store::find()
std::optional<cache::Store> find_cache(const Options& options);

} // namespace slipway::cli
