// How an image can be started: as a container, as a virtual machine, as either or not at all.

#pragma once

#include <optional>
#include <string>

#include "cli/options.hh"
#include "disk/boot_ways.hh"
#include "storage/pool.hh"

namespace slipway::cli {

/// A tree is looked at here, as systemd-nspawn looks for its init; of a disk a keeper is asked, who
/// starts two programs for it. Nothing when it could not be looked at, or is not for booting: of
/// another class, the host itself.
/// @param name  of the image, as the options find it
/// @throws Error  NotFound: slipway-transfer is missing
std::optional<disk::BootWays> find_boot_ways(const Options& options, const std::string& name,
                                             const storage::Image& image);

/// For people, lines without an indent: "container, machine (UEFI)" and below it the reasons.
std::string boot_text(const disk::BootWays& ways);

} // namespace slipway::cli
