// The control group of a machine, a directory in each hierarchy: the authority on what belongs to
// it. A container outlives a killed systemd-nspawn, but not the end of its group.

#pragma once

#include <filesystem>
#include <vector>

#include <sys/types.h>

#include "base/fd.hh"
#include "base/wait.hh"

namespace slipway::spawn {

/// Makes the group, and its parents, where they are missing.
/// @throws Error
void make_cgroup(const std::filesystem::path& group);

/// Its cgroup.procs, for ChildSpec::cgroups.
/// @throws Error
Fd open_cgroup(const std::filesystem::path& group);

/// Everything that runs in it or below it.
std::vector<pid_t> processes_of(const std::filesystem::path& group);

/// Which of the group and those below it a process is in; empty: none of them.
std::filesystem::path find_cgroup(const std::filesystem::path& group, pid_t process);

/// SIGKILL for all of it, with cgroup.kill where the hierarchy has that, else one by one. They end
/// a moment later.
void kill_cgroup(const std::filesystem::path& group);

/// False when something still runs in it at the deadline. What is in it may start more: whoever
/// wants an end kills it first.
bool wait_until_empty(const std::filesystem::path& group, const Deadline& deadline);

/// Kills what is in it, waits for the end of that, and removes it from the bottom up. A group that
/// is not there is fine.
/// @throws Error Busy: something in it does not end
void remove_cgroup(const std::filesystem::path& group);

/// The same for what was made below it: the group itself, then empty, stays.
void clear_cgroup(const std::filesystem::path& group);

} // namespace slipway::spawn
