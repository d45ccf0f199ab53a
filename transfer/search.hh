// Where a job looks for an image that is there.

#pragma once

#include <filesystem>
#include <vector>

#include "transfer/request.hh"

namespace slipway::transfer {

/// The directories in their order; the pool alone when the request names none.
inline std::vector<std::filesystem::path> search_of(const Request& request) {
    return request.search.empty() ? std::vector{request.pool} : request.search;
}

} // namespace slipway::transfer
