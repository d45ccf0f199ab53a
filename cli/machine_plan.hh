// From an image, flags and settings to a launch: what `start` and `run` have in common.

#pragma once

#include <string>
#include <string_view>

#include "cli/console.hh"
#include "cli/options.hh"
#include "machine/launch_plan.hh"
#include "machine/machine_spec.hh"

namespace slipway::cli {

/// What becomes of what a machine writes, where neither flags nor settings say it.
enum class Writes { Stay, ThrowAway };

/// What a disk is made for, where the options leave it open: an engine that can boot it, and a
/// virtual machine's firmware. A disk that can be either is a container. Looks at disks alone.
/// @throws Error NotFound: there is no such image
Options choose_by_disk(Options options, const std::string& name);

/// The machine that an image becomes, with what the file that counts says, and above that the
/// flags. The file's lines that do not count are told, unless --quiet is given.
/// @param name  of the image
/// @throws Error NotFound: there is no such image
machine::MachineSpec specify_machine(const Options& options, const std::string& name,
                                     const machine::Settings& flags, Writes writes,
                                     Console& console);

/// A name for one of several machines that an image has at a time: "web-SUFFIX".
std::string new_machine_name(const std::string& image, std::string_view suffix);

/// Tells what differs from what was asked for, unless --quiet is given.
/// @throws Error Unsupported: the image has nothing to boot, or the host not what the machine needs
machine::LaunchPlan plan_machine(const machine::MachineSpec& spec, const Options& options,
                                 Console& console);

} // namespace slipway::cli
