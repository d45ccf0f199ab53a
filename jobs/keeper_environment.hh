// What of the daemon's environment is for the programs of a job.

#pragma once

#include <string>
#include <vector>

namespace slipway::jobs {

struct KeeperEnvironment {
    std::vector<std::string> common;  ///< "NAME=value": all but what concerns the daemon alone
    std::vector<std::string> proxies; ///< http_proxy and its like, in either case
};

/// @param environment  "NAME=value"
KeeperEnvironment split_environment(const std::vector<std::string>& environment);

} // namespace slipway::jobs
