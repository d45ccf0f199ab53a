// The images of classes as the bus shows them: found in all directories that systemd searches, with
// what is known of each. All of this waits for the disk.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/service.hh"

namespace slipway::jobs {

/// Hidden ones, and the running system as ".host" of class machine, included; of a name that
/// several directories have the first.
/// @param pools  by class
/// @throws Error  a pool cannot be read, and it is the only one; of several it is passed over
std::vector<ListedImage> find_images(const std::map<std::string, std::filesystem::path>& pools);

/// @throws Error  a directory cannot be read
std::optional<ImageView> find_view(const std::string& image_class,
                                   const std::filesystem::path& pool,
                                   const storage::ImageName& name);

PoolView view_pool(const std::filesystem::path& pool);

} // namespace slipway::jobs
