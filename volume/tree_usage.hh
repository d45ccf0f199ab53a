// How much room trees take on the disk, as du(1) counts it.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace slipway::volume {

struct MeasureOptions {
    /// Nothing: to the end.
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    unsigned workers = 0; ///< 0: one for each core, four at most
};

/// Bytes of the blocks of all inodes in each tree, its top included: those with several names once,
/// what is mounted in it not at all. Sizes are as of the walk, in the order of `roots`; nothing of
/// a tree that could not be read as a whole, or was not at its end at the deadline. One after the
/// other, by several threads, each in bounded memory.
/// @param roots  directories; symlinks are followed in these names alone
/// @throws Canceled
std::vector<std::optional<std::uint64_t>>
measure_trees(std::span<const std::filesystem::path> roots, const MeasureOptions& options,
              const std::stop_token& stop);

} // namespace slipway::volume
