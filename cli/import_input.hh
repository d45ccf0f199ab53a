// What an import's request cannot name, opened here and passed to the keeper.

#pragma once

#include <string>

#include "base/fd.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// Standard input for "-", else the file; nothing when the request has a path.
/// @throws Error InvalidArgument: standard input is a terminal; NotFound, Denied
Fd open_import_input(const transfer::Request& request, const std::string& file);

} // namespace slipway::cli
