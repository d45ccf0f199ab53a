// The end of a program whose reader may be slow, stopped or gone.

#pragma once

#include "cli/console.hh"
#include "cli/signals.hh"

namespace slipway::cli {

/// The last lines go out; a signal ends the wait for whoever does not read them. When one came
/// before, the wait is short.
void finish_output(Console& console, SignalWatch& signals, bool interrupted);

} // namespace slipway::cli
