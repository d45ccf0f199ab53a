// The single fences that base/confine.cc raises. Not for other rooms.

#pragma once

#include "base/confine.hh"

namespace slipway::fences {

/// Unshares and makes `view` the root. False when the kernel refuses namespaces; then nothing
/// has changed. Closes confinement.staging when it succeeds.
/// @throws Error  the root could not be changed after the namespaces were made: must not go on
bool raise_mounts(const Confinement& confinement);

/// Leaves an empty network namespace. False when it is refused.
bool raise_network() noexcept;

/// Landlock: only what `view` allows. `root`: the directory that stays usable (View::Staging).
/// False when the kernel has none.
bool raise_landlock(const Confinement& confinement, int root);

/// The system call filter; a call outside it ends the program and names the number on stderr.
void raise_seccomp(const Confinement& confinement);

} // namespace slipway::fences
