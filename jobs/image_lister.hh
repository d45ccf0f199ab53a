// The images of several pools, as org.freedesktop.import1 lists them.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "jobs/service.hh"

namespace slipway::jobs {

/// Hidden ones, and the running system as ".host" of class machine, included. Waits for the disk.
/// @param pools  by class
/// @throws Error  a pool cannot be read, and it is the only one; of several it is passed over
std::vector<ListedImage> find_images(const std::map<std::string, std::filesystem::path>& pools);

} // namespace slipway::jobs
