// What a dead job has left in a pool, and the next job will take away.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/pool.hh"

namespace slipway::storage {

struct Leftover {
    std::string job;            ///< its 16 digits
    std::string image;          ///< that the job was about; empty: not known
    std::filesystem::path path; ///< ".#slipway-ID", whether or not something bears that very name
};

/// Those whose lock is free, in no order. Changes nothing; what we may not look at is taken for
/// alive.
/// @throws Error  the pool cannot be read
std::vector<Leftover> find_leftovers(const Pool& pool);

} // namespace slipway::storage
