// What the processes of a machine use.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>

#include <sys/types.h>

namespace slipway::spawn {

struct ProcessUsage {
    std::uint64_t memory_bytes = 0; ///< what they share with others is counted by its share (PSS)
    std::chrono::microseconds cpu{0};
};

/// @param groups     the machine's control groups; a cgroup2 among them counts also those that have
///                   ended
/// @param processes  in those groups; one that ends meanwhile is left out
ProcessUsage usage_of(std::span<const std::filesystem::path> groups,
                      std::span<const pid_t> processes);

} // namespace slipway::spawn
