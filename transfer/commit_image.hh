// The end of every job that brings an image: synced, so that it can still be canceled, and then
// made to appear.

#pragma once

#include <filesystem>

#include "base/verdict.hh"
#include "storage/staging.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

/// Syncs ahead and commits, and tells the stages. Canceled within a second until the rename.
/// @returns the path of the image
/// @throws Error  as Staging::commit(); Canceled
std::filesystem::path commit_image(storage::Staging staging, const Verdict& verdict,
                                   const storage::Provenance& provenance, const Job& job);

} // namespace slipway::transfer
