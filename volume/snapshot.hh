// Snapshots of subvolumes with all that is nested in them.

#pragma once

#include <string>

namespace slipway::volume {

/// Makes a writable snapshot of the subvolume `source`, which may be read-only; of each subvolume
/// nested in it another in its place. Everything has the times and attributes that it has in the
/// source; only the top loses the flags that forbid to rename it (immutable, append-only). Each is
/// of its own moment, as btrfs makes them one after the other. What fails leaves a part of it.
/// @throws Error
void make_snapshot(int source, int parent, const std::string& name);

} // namespace slipway::volume
