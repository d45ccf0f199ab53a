// What export-tar and export-raw have in common: they differ in what the keeper is asked for.

#pragma once

#include "cli/console.hh"
#include "cli/parse.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// export-tar NAME [FILE|-], export-raw NAME [FILE|-]. Returns the exit status.
/// @throws Error  nothing was written, unless it says what was
int export_image(transfer::Verb verb, const Invocation& asked, Console& console);

} // namespace slipway::cli
