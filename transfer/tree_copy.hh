// A tree of this host becomes the content of a staging: what import-fs and clone have in common.

#pragma once

#include "base/error.hh"
#include "storage/staging.hh"
#include "transfer/job.hh"
#include "volume/copy_tree.hh"

namespace slipway::transfer {

/// Copies the tree into the empty staging, tells progress, and a line for everything that is not in
/// the copy as it was in the source.
/// @param source  opened O_RDONLY; borrowed
/// @throws Error  as volume::copy_tree(); NoSpace says what the volume has left. Canceled
volume::CopiedTree fill_with_copy(const storage::Staging& staging, int source,
                                  const storage::Pool& pool, const Job& job);

/// The mounts in a tree of which a snapshot is made, a notice each: it holds what they hide.
void tell_mounts(int source, Report& report);

/// Behind a message why filling a staging ended: what the volume has left when that is why, else
/// that nothing was stored.
void add_consequence(Error& error, const storage::Pool& pool, const Report& report);

} // namespace slipway::transfer
