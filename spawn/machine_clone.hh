// What an ephemeral machine runs: a clone of its image, for as long as the machine is there.

#pragma once

#include <filesystem>

#include "storage/pool.hh"
#include "storage/staging.hh"

namespace slipway::spawn {

/// A path for a clone that is made in `pool`: hidden, and another one each time.
std::filesystem::path new_clone_path(const std::filesystem::path& pool);

/// A staging of the pool that is never committed: its lock says that it is in use, so that no job
/// sweeps it, and when its process is killed each of them does. It goes when this is destroyed.
class MachineClone {
public:
    /// Made as our clones are: a snapshot, shared blocks, or a copy. The image is locked (shared)
    /// meanwhile.
    /// @param image  a tree, or a disk
    /// @param clone  as new_clone_path() gives it
    /// @throws Error NotFound, Busy, NoSpace
    MachineClone(const std::filesystem::path& image, const std::filesystem::path& clone);
    MachineClone(const MachineClone&) = delete;
    MachineClone& operator=(const MachineClone&) = delete;

private:
    storage::Pool pool_;
    storage::Staging staging_;
};

/// Removes it, and of one that a dead supervisor has left also the locks; nothing when there is
/// none.
/// @throws Error
void remove_clone(const std::filesystem::path& clone);

} // namespace slipway::spawn
