// What the system in an image says of itself, and how a disk boots, asked of a keeper.

#pragma once

#include <optional>

#include "transfer/event.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// Runs slipway-transfer with the request (Verb::Inspect) and waits for it. Nothing when it could
/// not read the image: a disk, no right.
/// @throws Error NotFound: slipway-transfer is missing
std::optional<transfer::Inspected> inspect(const transfer::Request& request);

/// The same for Verb::InspectDisk.
std::optional<disk::BootWays> inspect_disk(const transfer::Request& request);

} // namespace slipway::cli
