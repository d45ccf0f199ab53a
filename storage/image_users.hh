// Which machine uses which image now, as the locks tell.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "storage/pool.hh"

namespace slipway::storage {

struct ImageUser {
    std::string machine; ///< as systemd-machined has registered it; empty: none that it knows
    std::string holder;  ///< for people: "systemd-nspawn (PID 4711, systemd-nspawn@web.service)"
};

/// By the path of the image; those that nobody uses, or whose user we may not see, are missing. One
/// pass over all processes, and none when there is no lock file.
std::map<std::filesystem::path, ImageUser> find_users(const std::vector<Image>& images);

} // namespace slipway::storage
