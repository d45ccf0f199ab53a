// The files of a plan: secrets among them.

#pragma once

#include "machine/launch_plan.hh"

namespace slipway::spawn {

/// Writes LaunchPlan::files, for their owner alone, with the directories that they lie in.
/// @throws Error  also when one is there already
void write_plan_files(const machine::LaunchPlan& plan);

/// Those of plan.kept_copies that are not there yet, 0600, with the folders that they lie in
/// (0700).
/// @throws Error
void make_kept_copies(const machine::LaunchPlan& plan);

} // namespace slipway::spawn
