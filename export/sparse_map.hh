// Where a file has data and where holes.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace slipway::exports {

struct Stretch {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// The stretches of data of an open file, in order; one that is the whole where it has no hole, or
/// where the file system does not tell.
/// @param info  of the file: what has all its blocks is not asked (measured: one call less a file)
/// @throws Error
std::vector<Stretch> data_stretches(int fd, const struct stat& info);

/// How a tar says it (GNU tar manual, "Storing Sparse Files", format 1.0): numbers in lines, filled
/// up to whole blocks. A hole at the end needs an empty stretch there.
std::string sparse_map_text(const std::vector<Stretch>& stretches, std::uint64_t size_bytes);

} // namespace slipway::exports
