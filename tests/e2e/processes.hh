// The programs of a job as /proc shows them.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace slipway::tests {

struct Process {
    pid_t pid = 0;
    pid_t parent = 0;
    std::string name; ///< its first 15 bytes
    char state = 0;   ///< 'Z': it has ended and nobody has asked how
};

/// The child of that name that has not ended.
std::optional<pid_t> find_child_of(pid_t parent, const std::string& name);

/// From now on programs whose parent has ended become this process's children, so that the next two
/// functions see them. Once a process.
void adopt_orphans();

/// The programs of Slipway that a job which ended by itself has left to us: running ones, and those
/// that it did not reap ("slipway-fetch (ended)").
std::vector<std::string> leftover_programs();

/// After a program was killed: waits for those that it has left to end by themselves, and reaps
/// them. The names of those that still run after `patience`.
std::vector<std::string>
wait_for_orphans(std::chrono::milliseconds patience = std::chrono::seconds(10));

/// Waits until the process has ended (or is a zombie). False after `patience`.
bool wait_for_end(pid_t pid, std::chrono::milliseconds patience = std::chrono::seconds(20));

} // namespace slipway::tests
